import type { ServerResponse } from 'node:http';
import { RegistryError } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { ErrorCode } from '../../protocol/errors.ts';

/** MLflow's error codes with their HTTP status. Clients branch on the code; they retry 429 and most of 5xx. */
const statuses = {
  RESOURCE_DOES_NOT_EXIST: 404,
  ENDPOINT_NOT_FOUND: 404,
  INVALID_PARAMETER_VALUE: 400,
  RESOURCE_ALREADY_EXISTS: 400,
  BAD_REQUEST: 400,
  PERMISSION_DENIED: 403,
  UNAUTHENTICATED: 401,
  RESOURCE_CONFLICT: 409,
  NOT_IMPLEMENTED: 501,
  TEMPORARILY_UNAVAILABLE: 503,
  RESOURCE_EXHAUSTED: 507,
  INTERNAL_ERROR: 500,
} as const;
export type MlflowCode = keyof typeof statuses;

/** Status and headers of a reply whose status differs from its code's. */
interface Wire {
  status: number;
  headers?: Record<string, string>;
}

/** A refusal in MLflow's form. */
export class MlflowError extends Error {
  readonly code: MlflowCode;
  readonly wire: Wire | undefined;

  constructor(code: MlflowCode, message: string, wire?: Wire) {
    super(message);
    this.name = 'MlflowError';
    this.code = code;
    this.wire = wire;
  }
}

export function invalid(message: string): MlflowError {
  return new MlflowError('INVALID_PARAMETER_VALUE', message);
}

/** MLflow's code for each refusal of the registry. A user's mistake is never 5xx, which clients would retry for minutes. */
const codes: Record<ErrorCode, MlflowCode> = {
  'invalid-request': 'INVALID_PARAMETER_VALUE',
  unauthorized: 'UNAUTHENTICATED',
  forbidden: 'PERMISSION_DENIED',
  'not-found': 'RESOURCE_DOES_NOT_EXIST',
  conflict: 'RESOURCE_CONFLICT',
  'already-registered': 'RESOURCE_ALREADY_EXISTS',
  held: 'RESOURCE_CONFLICT',
  gone: 'RESOURCE_DOES_NOT_EXIST',
  'gate-failed': 'PERMISSION_DENIED',
  'too-large': 'INVALID_PARAMETER_VALUE',
  'unsupported-type': 'INVALID_PARAMETER_VALUE',
  damaged: 'RESOURCE_CONFLICT',
  internal: 'INTERNAL_ERROR',
  'read-only': 'TEMPORARILY_UNAVAILABLE',
  stopping: 'TEMPORARILY_UNAVAILABLE',
  'disk-full': 'RESOURCE_EXHAUSTED',
};

/** Sends the reply for an error. Anything but a refusal is a bug and is logged with its stack. */
export function sendMlflowFailure(response: ServerResponse, error: unknown, log: Logger): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { code, message, wire } = refusalOf(error, log);
  for (const [name, value] of Object.entries(wire?.headers ?? {})) response.setHeader(name, value);
  response.statusCode = wire?.status ?? statuses[code];
  sendJson(response, { error_code: code, message });
}

/** An answer that is already encoded as JSON. */
export class WrittenJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export function sendJson(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json');
  response.end(value instanceof WrittenJson ? value.text : JSON.stringify(value));
}

function refusalOf(error: unknown, log: Logger): { code: MlflowCode; message: string; wire?: Wire | undefined } {
  if (error instanceof MlflowError) return error;
  if (error instanceof RegistryError && error.details['header'] === 'host')
    return { code: 'PERMISSION_DENIED', message: error.message };
  if (error instanceof RegistryError && error.code !== 'internal')
    return { code: codes[error.code], message: error.message };
  log.error('an MLflow request failed', { stack: error instanceof Error ? error.stack : String(error) });
  return { code: 'INTERNAL_ERROR', message: 'an internal error; see the log' };
}
