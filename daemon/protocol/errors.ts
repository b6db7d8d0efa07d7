/** Error codes, a closed list, each with its HTTP status. `internal` is a bug; all others are refusals. */
export const errorStatus = {
  'invalid-request': 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'already-registered': 409,
  held: 409,
  gone: 410,
  'gate-failed': 412,
  'too-large': 413,
  'unsupported-type': 415,
  damaged: 422,
  internal: 500,
  'read-only': 503,
  stopping: 503,
  'disk-full': 507,
} as const;

export type ErrorCode = keyof typeof errorStatus;

/** The body of every reply that is not 2xx. */
export interface ErrorBody {
  error: { code: ErrorCode; message: string; details: Record<string, unknown> };
}
