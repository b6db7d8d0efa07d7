import type { EvidenceRule } from './evidence.ts';
import type { Digest, Time } from './model.ts';

/** Where a version came from, as far as it could be seen when it was registered. Secrets are taken out of every text in it. */
export interface Lineage {
  takenAt: Time;
  code: CodeState | null;
  process: WritingProcess | null;
  environment: Environment | null;
  data: DataFile[];
  /** Params named like a seed. */
  seeds: Record<string, number>;
  /** Small files that were kept as they were: the uncommitted difference, requirements, locks, config, the script or notebook. */
  captured: CapturedFile[];
  /** Pictures and reports of its run, by path; absent where nobody looked for any. */
  reports?: RunReport[];
  /** How many more there were than are listed. */
  moreReports?: number;
  /** What could not be seen, and why; one sentence each. */
  missing: string[];
}

/** The git repository around the artifact. */
export interface CodeState {
  /** Absolute path of its work tree. */
  repository: string;
  /** URL of its remote without credentials; null where it has none. */
  remote: string | null;
  /** 40 or 64 hex digits. */
  commit: string;
  /** Null on a detached head. */
  branch: string | null;
  /** Whether tracked files differed from the commit; null where that is not known: `missing` says why. */
  changed: boolean | null;
  /** Files that git does not know, relative; at most 100. */
  untracked: string[];
  /** `now`: as it stood when the artifact was written. `date`: the artifact is older than this look, and the commit is the newest one before it. */
  known: 'now' | 'date';
}

/** The process that wrote the artifact. */
export interface WritingProcess {
  /** Arguments, the program first. */
  command: string[];
  /** Of a sweep that one process ran: the command of the job that wrote the artifact, by itself. */
  job?: string[];
  /** Absolute path of the program that ran. */
  interpreter: string;
  folder: string;
  startedAt: Time | null;
  /** Relative to the repository or absolute; null where the command line names none. */
  script: string | null;
  /** `writing`: it was seen with the file open. `nearby`: the only one at work in this place. */
  seen: 'writing' | 'nearby';
}

export interface Environment {
  /** `3.12.4`, or what of it is known. */
  python: string | null;
  cuda: string | null;
  /** Name to version, sorted by name. */
  packages: Record<string, string>;
  /** Path of the folder or file that told the packages. */
  source: string;
}

/** A data file that the run was told of or had open. */
export interface DataFile {
  /** Relative to the repository or the watched folder where it lies in one, else absolute. */
  path: string;
  size: number;
  /** `sha256:…`, or `fingerprint:…` of size, time, first and last MiB above 2 GB; of what DVC says `md5:…`. */
  digest: string;
  rows: number | null;
  columns: string[] | null;
  /** What names it: a param, a `.dvc` file, dvc.lock, or an open file. */
  named: string;
}

export interface CapturedFile {
  /** A name for people: `uncommitted.diff`, or a path relative to the repository. */
  path: string;
  size: number;
  digest: Digest;
}

/** `page` is HTML, `text` a report or a matrix as text, JSON or CSV. */
export type ReportKind = 'picture' | 'page' | 'text';

/** A picture or a report that a run wrote about its model. */
export interface RunReport {
  /** Relative to the run's or the artifact's folder; of what the project keeps apart, to the project. With `/`. */
  path: string;
  kind: ReportKind;
  /** Bytes of the file on disk. */
  size: number;
  /** Null where it was not kept: `reason` says why. */
  digest: Digest | null;
  writtenAt: Time;
  /** Why it is of this version. */
  rule: EvidenceRule;
  /** One sentence, without a full stop. */
  reason: string;
}

/** Names one report of one version. */
export interface ReportRef {
  model: string;
  version: string;
  path: string;
}

/** What of a lineage travels in its event. */
export interface LineageSummary {
  commit: string | null;
  branch: string | null;
  changed: boolean | null;
  python: string | null;
  packages: number;
  /** At most 400 characters. */
  command: string | null;
  data: number;
  /** How many blobs, the last ones of the event, are reports: they go when the version's files go. Absent: none. */
  reports?: number;
}
