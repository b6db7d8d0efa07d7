import type { ErrorCode } from './protocol/errors.ts';

/** A refusal, which a user or client can do something about. The message is one sentence: what, where, what to do. */
export class RegistryError extends Error {
  readonly code: ErrorCode;
  readonly details: Record<string, unknown>;

  constructor(code: ErrorCode, message: string, details: Record<string, unknown> = {}) {
    super(message);
    this.name = 'RegistryError';
    this.code = code;
    this.details = details;
  }
}

/** Returns the message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const fullCodes = new Set(['ENOSPC', 'EDQUOT']);

/** Returns true if a file or the database could not be written because the disk or the quota is full. */
export function isDiskFull(error: unknown): boolean {
  const code = systemCode(error) ?? '';
  return fullCodes.has(code) || code.startsWith('SQLITE_FULL');
}

/** Returns true for error codes of a failing or read-only disk, for which another name or more permissions would not help. */
export function isDiskFailure(code: string): boolean {
  return /^(EROFS|EIO|SQLITE_READONLY|SQLITE_IOERR)/.test(code);
}

/** Returns the refusal of a write on a full disk. */
export function diskFull(): RegistryError {
  return new RegistryError(
    'disk-full',
    'The disk that holds the data folder is full. Free some space; registration resumes automatically.',
  );
}

/** Returns the `code` of a system error such as `ENOENT`; undefined for anything else. */
export function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
