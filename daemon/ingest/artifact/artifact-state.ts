import {
  artifactAt,
  artifactView,
  deleteArtifact,
  artifactPathsBelow,
  deleteArtifactsOfRoot,
  putArtifact,
  putArtifacts,
  fingerprintAt,
  type ArtifactRow,
} from '../../db/artifacts.ts';
import type { Context } from '../../context.ts';
import type { SeenArtifact } from './types.ts';
import { artifactStates, type ArtifactState } from '../../protocol/model.ts';

/**
 * The states of an artifact on disk, and the only place that writes them.
 *
 *   new ──► waiting      its bytes are incomplete, its writer is at work, or there is no room for a copy
 *       ──► candidate    saved by a run that goes on; when the run ends, one candidate is registered
 *       ──► found        left to a person: existing files above the limit, or a rule says `manual`
 *       ──► registered   its bytes became a version
 *       ──► duplicate    its bytes are a version already, or it is another format of one
 *       ──► ignored      a pattern, a rule, a link or its content leaves it out
 *       ──► unreadable   it looks like a model and cannot be read
 *
 * `new` is an artifact without a row, and every artifact whose files have changed since its row was written.
 *
 * While the files stay as they are: `waiting`, `found`, `ignored` and `unreadable` are open, and anything may follow. A
 * decision about bytes stands: a `candidate` is registered, is found to be a duplicate, waits for room or stays one with
 * another reason. `registered` and `duplicate` change only into each other, by a person or by the end of a run. A new
 * pattern or rule may leave out whatever was decided before.
 */
export const transitions: Readonly<Record<'new' | ArtifactState, readonly ArtifactState[]>> = {
  new: artifactStates,
  waiting: artifactStates,
  found: artifactStates,
  ignored: artifactStates,
  unreadable: artifactStates,
  candidate: ['candidate', 'waiting', 'registered', 'duplicate', 'ignored'],
  registered: ['registered', 'duplicate', 'ignored'],
  duplicate: ['duplicate', 'registered', 'ignored'],
};

const decided: ReadonlySet<ArtifactState> = new Set(['candidate', 'registered', 'duplicate']);

/** Columns of a row besides path, state and reason. Absent ones are unknown. Without `fingerprint` the files were not inspected. */
export type ArtifactDetails = Partial<Omit<ArtifactRow, 'path' | 'state' | 'reason'>> & { root: string };

export interface Transition {
  path: string;
  state: ArtifactState;
  reason: string;
  details: ArtifactDetails;
}

/** The rows of artifacts. Every change is published to all clients. */
export class Artifacts {
  readonly #ctx: Pick<Context, 'db' | 'now' | 'publish'>;

  constructor(ctx: Pick<Context, 'db' | 'now' | 'publish'>) {
    this.#ctx = ctx;
  }

  get(path: string): ArtifactRow | undefined {
    return artifactAt(this.#ctx.db, path);
  }

  /** Returns the fingerprint and state of an artifact, which a scan compares; undefined for a path without a row. */
  seenAt(path: string): { fingerprint: string; state: ArtifactState } | undefined {
    return fingerprintAt(this.#ctx.db, path);
  }

  /** Returns the paths of the artifacts below a folder and of the folder itself. */
  pathsBelow(folder: string): string[] {
    return artifactPathsBelow(this.#ctx.db, folder);
  }

  /** Returns true if a decision about these very bytes is recorded. */
  isDecided(path: string, fingerprint: string): boolean {
    const row = this.seenAt(path);
    return row?.fingerprint === fingerprint && decided.has(row.state);
  }

  /**
   * Moves an artifact to a state, writes its row and publishes it. Throws for a transition that the table does not have, which is
   * a mistake in this program.
   */
  transition(path: string, state: ArtifactState, reason: string, details: ArtifactDetails): ArtifactRow {
    return this.transitionTo({ path, state, reason, details });
  }

  transitionTo(transition: Transition): ArtifactRow {
    return this.announce(this.write(transition));
  }

  /** The first half of a transition, for a larger transaction: writes the row. `announce` it after COMMIT. */
  write(transition: Transition): ArtifactRow {
    const row = this.#next(transition);
    putArtifact(this.#ctx.db, row);
    return row;
  }

  /** Publishes a row that was written. */
  announce(row: ArtifactRow): ArtifactRow {
    this.#ctx.publish({ kind: 'artifact', artifact: artifactView(row) });
    return row;
  }

  /** Moves many artifacts in one transaction; otherwise like `transition`. */
  transitionAll(all: readonly Transition[]): void {
    const rows = all.map((one) => this.#next(one));
    putArtifacts(this.#ctx.db, rows);
    for (const row of rows) this.#ctx.publish({ kind: 'artifact', artifact: artifactView(row) });
  }

  /** Deletes the row of a file that is gone. Versions made of it stay. */
  forget(path: string): void {
    deleteArtifact(this.#ctx.db, path);
    this.#ctx.publish({ kind: 'gone', path });
  }

  /** Deletes the artifacts and runs of a root that is no longer watched, without publishing them. */
  forgetRoot(root: string): void {
    deleteArtifactsOfRoot(this.#ctx.db, root);
  }

  #next({ path, state, reason, details }: Transition): ArtifactRow {
    const before = this.get(path);
    const isChanged = details.fingerprint !== undefined && details.fingerprint !== before?.fingerprint;
    const from = before === undefined || isChanged ? 'new' : before.state;
    if (!transitions[from].includes(state)) throw new Error(`${path} cannot go from ${from} to ${state}`);
    const now = this.#ctx.now();
    return { ...unknown, writtenAt: now, seenAt: now, ...details, path, state, reason };
  }
}

/** Returns the details of an artifact that are known before it is inspected. */
export function detailsOf({ files, fingerprint }: SeenArtifact): ArtifactDetails {
  const { root, recogniser } = files;
  const { size, text, writtenAt } = fingerprint;
  return { root, recogniser, size, fingerprint: text, writtenAt };
}

const unknown = {
  recogniser: null,
  framework: null,
  format: null,
  size: 0,
  fingerprint: '',
  run: null,
  model: null,
  version: null,
  metrics: {},
  writer: null,
};
