/** Facts beside a constant message, as JSON fields. Never a token, never a file's content. */
export type Facts = Record<string, unknown>;

/** The daemon's log. Messages are constants; what varies is in the facts. */
export interface Logger {
  info(message: string, facts?: Facts): void;
  warn(message: string, facts?: Facts): void;
  error(message: string, facts?: Facts): void;
}

/** A logger that says nothing, for one-shot commands. */
export const silent: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
