import { basename, dirname } from 'node:path';
import type { Database } from '../../db/database.ts';
import { evidenceFrom } from '../../db/evidence.ts';
import { modelByName } from '../../db/models.ts';
import { isCounted, ruleText } from '../../shared/evidence.ts';
import { referenceTo } from '../../shared/references.ts';
import { folderOfRun } from '../../shared/runs/run-id.ts';
import { sourceName } from '../run-logs/source-name.ts';
import { versionsNear } from './attach-evidence.ts';

const maxNamed = 5;

/** Says of which versions near a run log it is evidence, of which it is not, and why; undefined if no version is near. */
export function whyEvidence(db: Database, root: string, path: string): string | undefined {
  const reasons = versionsNear(db, root, dirname(path)).flatMap((row) => {
    const { model, version, path: artifact } = row;
    const id = model === null ? undefined : modelByName(db, model)?.id;
    if (id === undefined || version === null) return [];
    const source = sourceName(folderOfRun(row.run) ?? dirname(artifact), path);
    const all = evidenceFrom(db, id, version, source).filter((one) => one.isDetached !== true);
    const newest = all.findLast(isCounted) ?? all.at(-1);
    if (!newest) return [];
    const label = referenceTo(model ?? '', version);
    const { origin } = newest;
    if (origin?.rule === 'not-used') return [`${basename(path)} not used for ${label}: ${origin.reason}`];
    return [`evidence of ${label}, ${ruleText(origin)}${origin ? `: ${origin.reason}` : ''}`];
  });
  const sentences = [...new Set(reasons)];
  const more = sentences.length > maxNamed ? [`and ${sentences.length - maxNamed} more`] : [];
  return sentences.length === 0 ? undefined : [...sentences.slice(0, maxNamed), ...more].join('; ');
}
