import type { ErrorCode } from './protocol/errors.ts';

/** A refusal: something a user or client can do about. The message is one sentence: what, where, what to do. */
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

/** Writes whatever was thrown as one line of text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const fullCodes = new Set(['ENOSPC', 'EDQUOT']);

/** True where a file or the database could not be written because the disk or the quota is full. */
export function isDiskFull(error: unknown): boolean {
  const code = systemCode(error) ?? '';
  return fullCodes.has(code) || code.startsWith('SQLITE_FULL');
}

/** True for codes of a failing or read-only disk, where another name or more rights would not help. */
export function isDiskFailure(code: string): boolean {
  return /^(EROFS|EIO|SQLITE_READONLY|SQLITE_IOERR)/.test(code);
}

/** The refusal of a write on a full disk. */
export function diskFull(): RegistryError {
  return new RegistryError(
    'disk-full',
    'The disk that holds the data folder is full. Free some space; registration resumes automatically.',
  );
}

/** The `code` of a system error such as `ENOENT`; undefined for anything else. */
export function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
