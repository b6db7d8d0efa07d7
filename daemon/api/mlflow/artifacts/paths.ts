import { MlflowError } from '../error-handler.ts';

const maxDecodings = 8;

/** Returns true if a path leaves its folder, is absolute, or is ambiguous, however often it is percent-encoded. */
export function isUnsafe(path: string): boolean {
  let text = path;
  for (let n = 0; n < maxDecodings; n += 1) {
    if (isUnsafeAsIs(text)) return true;
    const next = decodedOnce(text);
    if (next === undefined || next === text) return false;
    text = next;
  }
  return true;
}

function isUnsafeAsIs(text: string): boolean {
  if (/[\p{Cc}\\#]/u.test(text)) return true;
  return text.split('/').some((part) => part === '..' || part === '.');
}

function decodedOnce(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

const maxPathLength = 4096;

/** Returns a path within the artifact store, in NFC, without a final slash; `''` is the store itself. Throws `Invalid path`. */
export function checkArtifactPath(path: string): string {
  const plain = path.normalize('NFC').replace(/\/$/, '');
  const isBad = isUnsafe(plain) || /^\/|\/\/|^[a-z]:|^%2f/i.test(plain) || plain.length > maxPathLength;
  if (!isBad && !/^[a-z][\w+.-]*:\//i.test(plain)) return plain;
  throw new MlflowError('INVALID_PARAMETER_VALUE', 'Invalid path');
}

/** Like `checkArtifactPath`, for reading: `.` and `./` mean the folder itself, as on disk. */
export function checkReadPath(path: string): string {
  const parts = path.split('/');
  return checkArtifactPath(parts.length === 1 && path === '.' ? '' : parts.filter((part) => part !== '.').join('/'));
}

const maxNameLength = 255;

/** Throws for a name that a file system would refuse, as uploads are later placed under their names. */
export function checkNames(path: string): void {
  const long = path.split('/').find((name) => Buffer.byteLength(name) > maxNameLength);
  if (long === undefined) return;
  const text = `Invalid path: a file's name has at most ${maxNameLength} bytes; ${long.slice(0, 40)}… has ${Buffer.byteLength(long)}.`;
  throw new MlflowError('INVALID_PARAMETER_VALUE', text);
}

/** Returns the part of a URL after `prefix`, decoded once. Throws `Invalid path` if it cannot be decoded. */
export function pathBehind(url: string, prefix: string, check = checkArtifactPath): string {
  const decoded = decodedOnce(url.slice(prefix.length));
  if (decoded === undefined) throw new MlflowError('INVALID_PARAMETER_VALUE', 'Invalid path');
  return check(decoded);
}
