import { createHash } from 'node:crypto';
import { cpSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { join, posix } from 'node:path';
import * as z from 'zod';
import type { Caller } from '../../context.ts';
import { RegistryError } from '../../errors.ts';
import type { DistantArtifact, InspectedFiles } from '../../ingest/service.ts';
import type { Evidence } from '../../protocol/evidence.ts';
import type { Rights } from '../../protocol/token.ts';
import type { UploadedArtifact, UploadedPart } from '../../protocol/routes/watch.ts';
import type { Registered } from '../../protocol/routes/versions.ts';
import { registerVersion } from '../../registry/versions/register.ts';
import { referenceTo } from '../../shared/references.ts';
import type { Exchange, RawRows } from '../route.ts';
import type { Service } from '../service.ts';
import { parseRequest } from '../validate.ts';

const maxBytes = 2 ** 40;
const key = z.string().regex(/^[0-9a-f]{16,64}$/, 'A key is 16 to 64 hexadecimal digits.');
const range = z.strictObject({
  offset: z.coerce.number().int().min(0).max(maxBytes),
  size: z.coerce.number().int().min(0).max(maxBytes),
});
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'A digest is sha256: and 64 hexadecimal digits.');

/** A relative path that stays in its folder on every platform. */
const relativePath = z
  .string()
  .max(1024)
  .regex(/^[^\0\\:]+$/, 'A path contains no backslash and no colon.')
  .refine(
    (path) => path.split('/').every((part) => !['', '.', '..'].includes(part)),
    'A path leads out of its folder.',
  );

const place = z.string().max(4096);

export const uploadedArtifact = z.strictObject({
  model: z.string().max(4096).optional(),
  project: z.strictObject({ top: place, name: place, key: place }).optional(),
  files: z
    .array(
      z.strictObject({ path: relativePath, size: z.number().int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
    )
    .min(1)
    .max(10_000)
    .refine((files) => new Set(files.map(({ path }) => path)).size === files.length, 'A path is given twice.'),
  wholeFolder: z.boolean(),
  /** Never a path of this machine, as the policy is searched beside those. */
  from: z
    .string()
    .max(4096)
    .regex(/^[\w.-]{2,255}:/, 'It begins with the name of a machine, such as laptop:/home/ana/model.pt.'),
  writtenAt: z.number().int().min(0).optional(),
  again: z.boolean().optional(),
});
export const uploadKey = z.strictObject({ key });
export const uploadedFile = {
  name: relativePath.refine((name) => !name.includes('/'), 'A name contains no slash.'),
  digest,
};

/** Routes that receive bytes. */
export const uploads = {
  'POST /uploads/:key': {
    role: 'contributor',
    touches: 'nothing',
    documented: range.extend({ key }),
    handler: receivePart,
  },
} satisfies RawRows;

async function receivePart({ ctx }: Service, { request, response, rights }: Exchange): Promise<void> {
  const own = ownKey(rights(), parseRequest(uploadKey, request.params).key);
  const { offset, size } = parseRequest(range, request.query);
  const stored = await ctx.blobs.receivePart(own, { offset, size }, request);
  const reply: UploadedPart = stored
    ? { received: stored.size, digest: stored.digest }
    : { received: ctx.blobs.receivedOf(own) };
  response.json(reply);
}

/** Returns how many bytes of an upload are here. */
export function receivedOf({ ctx }: Service, { rights }: Caller, wanted: string): { received: number } {
  return { received: rights ? ctx.blobs.receivedOf(ownKey(rights, wanted)) : 0 };
}

/** Returns the key of an upload among those of all people. */
function ownKey({ owner, token }: Rights, wanted: string): string {
  return createHash('sha256')
    .update(JSON.stringify([owner, token, wanted]))
    .digest('hex');
}

/** Registers files that were uploaded as the next version of a model. Throws `not-found` for one that is not here. */
export async function registerUploaded(
  { ctx, ingest }: Service,
  caller: Caller,
  artifact: UploadedArtifact,
): Promise<Registered> {
  const { files, wholeFolder, from, writtenAt, again = false } = artifact;
  const lacking = files.find(({ sha256, size }) => ctx.blobs.sizeOf(`sha256:${sha256}`) !== size);
  if (lacking) throw new RegistryError('not-found', `${lacking.path} was not uploaded. Register it again.`);
  if (!wholeFolder && files.length !== 1)
    throw new RegistryError('invalid-request', 'More than one file is a folder. Set wholeFolder.');
  const found = await ingest.factsOfStored(files);
  const { facts, primary } = found;
  const given = artifact.model === undefined ? ingest.nameOfDistant(distant(artifact, found)) : undefined;
  const registered = await registerVersion(ctx, caller, {
    model: given?.model ?? artifact.model ?? '',
    named: given?.origin ?? { by: 'user', from: '' },
    files: wholeFolder ? files : files.map((file) => ({ ...file, path: '' })),
    primary,
    wholeFolder,
    facts,
    source: { kind: 'hand', path: from, run: null, writtenAt: writtenAt ?? null },
    evidence: [],
    again,
    refuseTwin: (version) => {
      const label = referenceTo(version.model, version.number);
      const text = `${from} is already registered as ${label}. To register it as another version, add --again.`;
      return new RegistryError('already-registered', text, { version });
    },
  });
  return given ? { ...registered, named: given.origin } : registered;
}

/** Returns where an uploaded artifact lies on the client's machine. */
function distant({ from, project, wholeFolder }: UploadedArtifact, found: InspectedFiles): DistantArtifact {
  const end = from.indexOf(':');
  const path = from.slice(end + 1);
  const isWhole = wholeFolder && found.wholeFolder;
  const folder = wholeFolder ? path : posix.dirname(path);
  return {
    machine: from.slice(0, end),
    project: project ?? { top: folder, name: posix.basename(folder), key: folder },
    folder: isWhole ? folder : posix.join(folder, posix.dirname(found.primary)),
    primary: isWhole ? found.primary : posix.basename(found.primary),
    wholeFolder: isWhole,
  };
}

/** Adds an uploaded file to the evidence of a version, as a file of this machine. */
export async function attachUploaded(
  { ctx, ingest }: Service,
  caller: Caller,
  { model, version, name, digest: stored }: { model: string; version: string; name: string; digest: string },
): Promise<Evidence> {
  if (ctx.blobs.sizeOf(stored) === undefined)
    throw new RegistryError('not-found', `${name} was not uploaded. Attach it again.`);
  const folder = mkdtempSync(join(ctx.blobs.folder, 'tmp', 'attach-'));
  try {
    const path = join(folder, name);
    cpSync(ctx.blobs.pathOf(stored), path, { mode: constants.COPYFILE_FICLONE });
    return await ingest.attach(caller, model, version, path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
