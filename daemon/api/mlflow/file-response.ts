import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context } from '../../context.ts';
import type { StoredFile } from './models/stored-version.ts';

const plain = 'txt log err cfg conf cfg cnf cmf ini yaml yml json js py csv tsv md rst toml jsonnet properties sh sql proto mlmodel mlproject'; // prettier-ignore
/** Content types by extension; `application/octet-stream` for others. */
const types: Readonly<Record<string, string>> = {
  ...Object.fromEntries(plain.split(' ').map((extension) => [extension, 'text/plain'])),
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  pdf: 'application/pdf',
};

function typeOf(name: string): string {
  const extension = name.includes('.') ? name.slice(name.lastIndexOf('.') + 1) : name;
  const key = extension.toLowerCase();
  return (Object.hasOwn(types, key) ? types[key] : undefined) ?? 'application/octet-stream';
}

/** Returns the `attachment` disposition: the name unquoted if it is a token, quoted otherwise, and by RFC 5987 beyond ASCII. */
function disposition(name: string): string {
  if (/^[\w!#$%&'*+.^`|~-]+$/.test(name)) return `attachment; filename=${name}`;
  const ascii = name.replaceAll(/[^\x20-\x7e]/g, '').replaceAll(/["\\]/g, '_');
  const encoded = encodeURIComponent(name).replaceAll(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
  return /^[\x20-\x7e]*$/.test(name)
    ? `attachment; filename="${ascii}"`
    : `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

/** Sends a file and verifies it while sending. A damaged one is cut off, never delivered completely. */
export async function sendFile(
  ctx: Context,
  request: IncomingMessage,
  response: ServerResponse,
  file: StoredFile,
): Promise<void> {
  const name = file.path.split('/').at(-1) ?? '';
  response.setHeader('content-type', typeOf(name));
  response.setHeader('content-disposition', disposition(name));
  response.setHeader('content-length', file.size);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  if ('text' in file.from) {
    response.end(file.from.text);
    return;
  }
  await ctx.blobs.send(file.from.digest, file.size, response);
}
