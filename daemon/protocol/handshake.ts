/** Raised when routes or messages change in a way that an older client cannot read. */
export const protocolVersion = 1;

/** Content of `daemon.json` in the data folder (mode 0600), by which clients find a running daemon. */
export interface DaemonFile {
  pid: number;
  port: number;
  token: string;
  /** With which the service proves to be this one before the token is sent; absent of services that cannot. */
  proofKey?: string;
  protocol: number;
  /** Version of the program. */
  version: string;
  startedAt: number;
}

/** Exit codes of the command line, after sysexits(3) where one fits. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 64,
  notFound: 66,
  unavailable: 69,
  internal: 70,
  cannotWrite: 73,
  io: 74,
  alreadyRunning: 75,
  conflict: 76,
  damaged: 65,
} as const;
