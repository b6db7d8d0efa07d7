import * as l10n from '@vscode/l10n';
import type { ListedRun, RunSave } from '../../../daemon/protocol/routes/watch.ts';
import { ageText, sizeText, spanText } from '../../../daemon/shared/format.ts';
import { mostInformativeMetric } from '../../../daemon/shared/metrics.ts';
import { runName, trackedRunIn } from '../../../daemon/shared/runs/run-id.ts';
import { durationOf } from '../../../daemon/shared/runs/run-status.ts';
import { executionsIn } from '../../../daemon/shared/runs/run-text.ts';
import type { Mirror } from '../../mirror/reducer.ts';
import { metricLabel } from '../labels.ts';
import { baseName, group, leaf, parent, type Node } from '../nodes.ts';

/** Lists runs that have ended in one closed group, newest first; no group when there are none. */
export function endedRunNodes({ ended, status }: Mirror, now: number): Node[] {
  const live = new Set(status?.runs.map(({ id }) => id));
  const rows = ended.filter(({ id }) => !live.has(id)).map((run) => endedRunNode(run, now));
  return rows.length === 0 ? [] : [group('runs', l10n.t('Runs'), 'history', rows)];
}

/** Returns the row of a run. Its newest save comes first, since that usually is the version. */
function endedRunNode(run: ListedRun, now: number): Node {
  const { id, folder, status, metrics, saves, resumptions } = run;
  const isTracked = trackedRunIn(id) !== undefined;
  const versions = new Set(saves.flatMap(({ version }) => version ?? []));
  const facts = [
    status,
    saves.length === 0 && !isTracked ? l10n.t('no model') : [...versions].join(', '),
    metricLabel(metrics, mostInformativeMetric(metrics)),
    ageText(run.endedAt ?? run.updatedAt, now),
  ];
  const scripts = executionsIn(run).map(({ script, command }) => script ?? command[0] ?? '');
  const resumed = resumptions.map(({ reason }) => l10n.t('Resumed: {0}', reason));
  const ms = durationOf(run, run.updatedAt);
  const lasted = ms === null ? '' : l10n.t('ran for {0}', spanText(ms));
  const row: Node = {
    id: `run:${id}`,
    label: runName(run),
    description: facts.filter((part) => part !== '').join(' · '),
    icon: status === 'finished' ? 'pass' : 'error',
    tooltip: [folder, ...new Set(scripts), ...resumed, lasted].filter((line) => line !== '').join('\n'),
    context: isTracked ? 'run.tracked' : 'run.ended',
    subject: { kind: 'run', run },
  };
  if (saves.length === 0) return row;
  return parent(row, () => saves.map((save, index) => saveNode(`save:${id}:${index}`, save, now)).toReversed());
}

/** Shows the version that a save became, or whether its bytes still exist. */
function saveNode(id: string, save: RunSave, now: number): Node {
  const { path, version, lost, metrics } = save;
  const state = version ?? (lost === null ? l10n.t('candidate') : l10n.t('lost'));
  const facts = [
    state,
    metricLabel(metrics, mostInformativeMetric(metrics)),
    sizeText(save.size),
    ageText(save.writtenAt, now),
  ];
  return {
    ...leaf(id, baseName(path), facts.filter((part) => part !== '').join(' · ')),
    icon: version === null ? (lost === null ? 'circle-outline' : 'circle-slash') : 'package',
    tooltip: [path, version === null ? (lost ?? '') : ''].filter((line) => line !== '').join('\n'),
    context: version === null ? 'save' : 'save.version',
    ...(version === null ? {} : { subject: { kind: 'saved', version } }),
  };
}
