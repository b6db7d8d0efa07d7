import type { Response } from 'express';
import { RegistryError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { errorStatus, type ErrorBody, type ErrorCode } from '../protocol/errors.ts';

/** Turns what was thrown into the answer: a refusal says its sentence, anything else is a bug and is logged with its stack. */
export function sendFailure(response: Response, error: unknown, log: Logger): void {
  const refusal = refusalOf(error, log);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body: ErrorBody = { error: { code: refusal.code, message: refusal.message, details: refusal.details } };
  response.status(errorStatus[refusal.code]).json(body);
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
