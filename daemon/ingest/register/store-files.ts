import { join } from 'node:path';
import type { ManifestFile } from '../../protocol/model.ts';
import type { Finished } from '../settle/settler.ts';
import type { IngestState } from '../state.ts';
import { stampOf } from '../artifact/files.ts';

/**
 * Copies a unit's files into the blob store, one at a time, and returns its manifest's files. Rejects with code CHANGED
 * when anything was written meanwhile.
 */
export async function owned(state: IngestState, { unit, stamp, marked }: Finished): Promise<ManifestFile[]> {
  const { ctx } = state;
  const files: ManifestFile[] = [];
  let before = 0;
  for (const file of unit.claim.files) {
    const path = join(unit.folder, file);
    const { digest, size } = await ctx.blobs.own(path, unit.root, (done) => {
      ctx.publish({ kind: 'progress', task: 'copy', subject: unit.path, done: before + done, total: stamp.size });
    });
    before += size;
    files.push({
      path: isSingle(unit.claim.files, unit.claim.wholeFolder) ? '' : file,
      size,
      sha256: digest.slice('sha256:'.length),
    });
  }
  if (stampOf(unit)?.text !== stamp.text) throw changed(unit.path);
  if (!marked) await assertSame(state, unit.folder, unit.claim.files, files);
  return files;
}

function isSingle(files: readonly string[], wholeFolder: boolean): boolean {
  return files.length === 1 && !wholeFolder;
}

/** A format without an end mark is believed only when a second reading gives the same bytes. */
async function assertSame(
  state: IngestState,
  folder: string,
  names: readonly string[],
  files: readonly ManifestFile[],
): Promise<void> {
  for (const [index, name] of names.entries()) {
    const path = join(folder, name);
    if ((await state.ctx.blobs.digestOf(path)) !== `sha256:${files[index]?.sha256}`) throw changed(path);
  }
}

function changed(path: string): Error {
  return Object.assign(new Error(`${path} was written while it was copied`), { code: 'CHANGED' });
}
