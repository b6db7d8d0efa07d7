import { shellWord } from '../../shared/format.ts';
import type { Timing } from '../../runtime/timing.ts';
import { breather } from '../../runtime/yield-to-event-loop.ts';
import { fingerprintOf } from '../artifact/fingerprint.ts';
import { nameOf, type Naming } from '../artifact/naming.ts';
import { byWriteOrder, type ArtifactFiles, type SeenArtifact } from '../artifact/types.ts';
import { detailsOf, type Artifacts, type Transition } from '../artifact/artifact-state.ts';

export interface ExistingFilesParts extends Naming {
  readonly timing: Pick<Timing, 'maxExistingBytes'>;
  readonly artifacts: Pick<Artifacts, 'transitionAll'>;
  readonly settler: { enqueue(files: ArtifactFiles): void };
  readonly signal: AbortSignal;
}

/** Rows written in one transaction. */
const batch = 50;

/**
 * Registers the files that a root held when it was first watched if their total size is within the limit. Otherwise lists them as
 * found until the user registers them, so that watching a folder never fills a disk.
 */
export async function registerExisting(parts: ExistingFilesParts, all: readonly ArtifactFiles[]): Promise<void> {
  const pause = breather();
  const seen: SeenArtifact[] = [];
  for (const files of all) {
    const fingerprint = fingerprintOf(files);
    if (fingerprint) seen.push({ files, fingerprint });
    await pause();
  }
  seen.sort(byWriteOrder);
  const total = seen.reduce((sum, { fingerprint }) => sum + fingerprint.size, 0);
  const fits = total <= parts.timing.maxExistingBytes;
  for (let at = 0; at < seen.length && !parts.signal.aborted; at += batch) {
    const some = seen.slice(at, at + batch);
    if (fits) for (const { files } of some) parts.settler.enqueue(files);
    else parts.artifacts.transitionAll(some.map((one) => listAsFound(parts, one, seen.length, total)));
    await pause();
  }
}

function listAsFound(naming: Naming, seen: SeenArtifact, count: number, total: number): Transition {
  const { files } = seen;
  const gigabytes = (total / (1 << 30)).toFixed(1);
  const reason = `found with ${count - 1} others, ${gigabytes} GiB in all; register them with: plinth register --found ${shellWord(files.root)}`;
  const details = { ...detailsOf(seen), model: nameOf(naming, files) };
  return { path: files.path, state: 'found', reason, details };
}
