/** Increased when routes or messages change in a way that older clients cannot read. */
export const protocolVersion = 1;

/** Content of `daemon.json` in the data folder (mode 0600), by which clients find a running daemon. */
export interface DaemonFile {
  pid: number;
  port: number;
  token: string;
  /** Key with which the service proves its identity before a client sends the token; absent in files of older services. */
  proofKey?: string;
  protocol: number;
  /** Version of the program. */
  version: string;
  startedAt: number;
}

/** How a client reaches a service: as `daemon.json` says, or at an address that a person named and vouches for. */
export interface ServiceAccess extends Pick<DaemonFile, 'port' | 'token' | 'proofKey' | 'protocol' | 'version'> {
  /** The address that a person named, without a slash at its end; absent for a service of this machine's data folder. */
  url?: string;
}

/** Reply to `GET /version` of a client that accepts JSON. `protocol` is absent in replies of older services. */
export interface ProgramVersion {
  version: string;
  mlflow: string;
  protocol?: number;
}

/** Exit codes of the command line, by sysexits(3) if one fits. */
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
