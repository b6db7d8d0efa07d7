import type { EvidenceRule } from './evidence.ts';
import type { Digest, Time } from './model.ts';

/** Origin of a version, as far as it was visible at registration. Secrets are removed from all texts. */
export interface Lineage {
  takenAt: Time;
  code: CodeState | null;
  process: WritingProcess | null;
  environment: Environment | null;
  data: DataFile[];
  /** Params named like a seed. */
  seeds: Record<string, number>;
  /** Small files that were kept as they were: the uncommitted changes, requirements, lock files, configuration, the script or notebook. */
  captured: CapturedFile[];
  /** Pictures and reports of its run, by path; absent if none were searched for. */
  reports?: RunReport[];
  /** Number of reports beyond the listed ones. */
  moreReports?: number;
  /** One sentence for each fact that could not be seen. */
  missing: string[];
}

/** The git repository around the artifact. */
export interface CodeState {
  /** Absolute path of its work tree. */
  repository: string;
  /** URL of its remote without credentials; null for none. */
  remote: string | null;
  /** 40 or 64 hex digits. */
  commit: string;
  /** Null for a detached HEAD. */
  branch: string | null;
  /** True if tracked files differed from the commit; null if unknown, with the reason in `missing`. */
  changed: boolean | null;
  /** Untracked files, relative; at most 100. */
  untracked: string[];
  /** `now`: the state when the artifact was written. `date`: the artifact is older, and the commit is the newest one before it. */
  known: 'now' | 'date';
}

/** The process that wrote the artifact. */
export interface WritingProcess {
  /** Arguments, the program first. */
  command: string[];
  /** For a sweep in one process: the command of the job that wrote the artifact. */
  job?: string[];
  /** Absolute path of the program. */
  interpreter: string;
  folder: string;
  startedAt: Time | null;
  /** Relative to the repository or absolute; null if the command line names none. */
  script: string | null;
  /** `writing`: it was seen with the file open. `nearby`: it was the only process in the project. */
  seen: 'writing' | 'nearby';
}

export interface Environment {
  /** `3.12.4`, or the known part of it. */
  python: string | null;
  cuda: string | null;
  /** Versions by package name, sorted. */
  packages: Record<string, string>;
  /** Path of the folder or file that lists the packages. */
  source: string;
}

/** A data file that the run was given or had open. */
export interface DataFile {
  /** Relative to the repository or the watched folder if it lies in one, else absolute. */
  path: string;
  size: number;
  /** `sha256:…`; above 2 GB `fingerprint:…` of size, time, first and last MiB; from DVC `md5:…`. */
  digest: string;
  rows: number | null;
  columns: string[] | null;
  /** Where it is named: a param, a `.dvc` file, dvc.lock, or an open file. */
  named: string;
}

export interface CapturedFile {
  /** Name for people: `uncommitted.diff`, or a path relative to the repository. */
  path: string;
  size: number;
  digest: Digest;
}

/** Kind of a report: `page` is HTML, `text` a report or matrix as text, JSON or CSV. */
export type ReportKind = 'picture' | 'page' | 'text';

/** A picture or a report that a run wrote about its model. */
export interface RunReport {
  /** Relative to the folder of the run or the artifact, or to the project for reports kept apart from both. With `/`. */
  path: string;
  kind: ReportKind;
  /** Bytes of the file on disk. */
  size: number;
  /** Null if it was not kept, with the reason in `reason`. */
  digest: Digest | null;
  writtenAt: Time;
  /** Rule by which it belongs to this version. */
  rule: EvidenceRule;
  /** One sentence, without a full stop. */
  reason: string;
}

/** Identifies a report of a version. */
export interface ReportRef {
  model: string;
  version: string;
  path: string;
}

/** Summary of a lineage in its event. */
export interface LineageSummary {
  commit: string | null;
  branch: string | null;
  changed: boolean | null;
  python: string | null;
  packages: number;
  /** At most 400 characters. */
  command: string | null;
  data: number;
  /** Number of blobs that are reports, the last ones of the event. They are deleted with the version's files. Absent: none. */
  reports?: number;
}

/** Versions that have an origin in common with a version, newest first, at most 100 each. */
export interface Siblings {
  /** References of those from the same run. */
  run: string[];
  data: DataSibling[];
  /** Number of older versions whose data were not compared. */
  notRead: number;
}

export interface DataSibling {
  reference: string;
  /** Of the data that both were trained with. */
  digests: string[];
}
