/** Variable data of a log message, as JSON fields. Never a token, never a file's content. */
export type Facts = Record<string, unknown>;

/** The service's log. Messages are constants; variable data goes into `facts`. */
export interface Logger {
  info(message: string, facts?: Facts): void;
  warn(message: string, facts?: Facts): void;
  error(message: string, facts?: Facts): void;
}

/** A logger that writes nothing, for one-shot commands. */
export const silent: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
