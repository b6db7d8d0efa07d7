import { join } from 'node:path';
import { savesAt, type ModelSave } from '../../db/log-writes.ts';
import { versionOf } from '../../db/versions.ts';
import type { Context } from '../../context.ts';
import type { Timing } from '../../runtime/timing.ts';
import type { SettledArtifact } from '../artifact/types.ts';
import { unseenGapMs, type SaveWriter } from '../executions/executions.ts';
import { writerFrom } from './known-writer.ts';

export interface GrowthParts {
  readonly ctx: Pick<Context, 'db' | 'now'>;
  readonly timing: Pick<Timing, 'sameRunMs'>;
}

/**
 * Returns the save that became a version before its run had written all of its files: a tokenizer after the weights, an index
 * after its shards. Compares names, writer and times only; the caller compares the bytes. Undefined for none.
 */
export function findGrownSave(
  parts: GrowthParts,
  { files, fingerprint }: SettledArtifact,
  writer: SaveWriter,
): ModelSave | undefined {
  const { folder, group, path } = files;
  if (group.files.length < 2) return undefined;
  const others = group.wholeFolder ? group.files.map((file) => join(folder, file)) : [];
  const saves = [path, ...others].flatMap((one) => savesAt(parts.ctx.db, one).slice(-1));
  const save = saves.toSorted((a, b) => a.writtenAt - b.writtenAt).at(-1);
  const version = save && versionOf(parts.ctx.db, save.model, save.number);
  if (!save || !version || version.body.files >= group.files.length) return undefined;
  if (save.path !== path && !version.body.wholeFolder) return undefined;
  const isRecent = parts.ctx.now() - version.createdAt < parts.timing.sameRunMs;
  const gap = fingerprint.writtenAt - save.writtenAt;
  return gap >= 0 && isSameRun(save, writer, gap, isRecent) ? save : undefined;
}

/**
 * Returns true if a run's later files belong to its earlier save. If processes cannot be seen, or a program copies the files, the
 * time alone decides.
 */
function isSameRun(save: ModelSave, writer: SaveWriter, gap: number, isRecent: boolean): boolean {
  const before = writerFrom(save.writer);
  switch (writer.kind) {
    case 'execution': {
      const { id, startedAt } = writer.execution;
      return before.kind === 'execution' ? before.id === id : startedAt !== null && startedAt <= save.writtenAt;
    }
    case 'ended':
      return before.kind === 'ended' && gap < unseenGapMs;
    case 'mover':
    case 'unknown':
      return isRecent && (before.kind === 'mover' || before.kind === 'unknown');
  }
}
