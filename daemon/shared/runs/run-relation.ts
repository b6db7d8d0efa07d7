import * as l10n from '@vscode/l10n';
import type { BetterCheckpoint, RunRelation } from '../../protocol/routes/versions.ts';
import { numberText } from '../format.ts';

/** Formats that a version is an earlier save of its run; null for others. */
export function earlierSaveText({ later }: RunRelation): string | null {
  return later === null ? null : l10n.t('an earlier save of the run of {0}', later);
}

/** Compares the better checkpoint of a run's log with the end of training in a sentence. `name`: that of the checkpoint. */
export function betterText({ metric, value, atEnd, isOnDisk }: BetterCheckpoint, name: string): string {
  const text = l10n.t(
    'In the log of its run, {0} has {1} {2}, and the end of training has {3}.',
    name,
    metric,
    numberText(value),
    numberText(atEnd),
  );
  return isOnDisk ? text : `${text} ${l10n.t('Its file no longer exists.')}`;
}
