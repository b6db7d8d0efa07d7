/** Thrown if no service answers. */
export class Unavailable extends Error {
  /** Exit code of a service that refused to start; undefined if none was started. */
  readonly exitCode: number | undefined;

  constructor(message: string, exitCode?: number) {
    super(message);
    this.name = 'Unavailable';
    this.exitCode = exitCode;
  }
}
