import type { Response } from 'express';
import { RegistryError, messageOf, systemCode } from '../errors.ts';
import { unreadableReason } from '../runtime/file-reader.ts';
import type { Logger } from '../log.ts';
import { errorStatus, type ErrorBody, type ErrorCode } from '../protocol/errors.ts';

/** Sends the reply for an error: the sentence of a refusal; any other error is a bug and is logged with its stack. */
export function sendFailure(response: Response, error: unknown, log: Logger): void {
  const refusal = refusalOf(error, log);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body: ErrorBody = { error: { code: refusal.code, message: refusal.message, details: refusal.details } };
  response.status(errorStatus[refusal.code]).json(body);
}

const goneCodes = new Set(['ENOENT', 'ENOTDIR']);
const unfitCodes = new Set(
  'OUTSIDE NOT_REGULAR TOO_LARGE ELOOP ENXIO ENODEV EACCES EPERM ENAMETOOLONG EISDIR ERR_INVALID_ARG_VALUE'.split(' '),
);

/** Turns a file system error about the request's path into a refusal. One about the data folder is returned unchanged. */
export function aboutPath(error: unknown, path: unknown, dataFolder: string): unknown {
  const code = systemCode(error) ?? '';
  if (typeof path !== 'string' || error instanceof RegistryError) return error;
  if (messageOf(error).includes(dataFolder) && !path.startsWith(dataFolder)) return error;
  if (goneCodes.has(code)) return new RegistryError('not-found', `${path} does not exist. Check the path.`);
  if (unfitCodes.has(code)) return new RegistryError('invalid-request', `${path}: ${unreadableReason(error)}`);
  if (code === 'CHANGED')
    return new RegistryError('conflict', `${path} is still being written. Try again when the writer has finished.`);
  return error;
}

function refusalOf(error: unknown, log: Logger): RegistryError {
  if (error instanceof RegistryError) return error;
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
  const known: Partial<Record<number, [ErrorCode, string]>> = {
    400: ['invalid-request', 'the request cannot be read'],
    413: ['too-large', 'the body is larger than 1 MiB'],
    415: ['unsupported-type', 'send application/json in UTF-8'],
  };
  const [code, message] = known[status] ?? ['internal', 'an internal error; see the log'];
  if (code === 'internal') log.error('request failed', { stack: error instanceof Error ? error.stack : String(error) });
  return new RegistryError(code, message);
}
