import { basename } from 'node:path';
import type { Command } from 'commander';
import type { ListedRun, RunSave } from '../../../protocol/routes/watch.ts';
import { metricsText } from '../../../shared/event-text.ts';
import { ageText, countOf, sizeText, spanText } from '../../../shared/format.ts';
import { runNumberText } from '../../../shared/run-id.ts';
import { UsageError } from '../exit.ts';
import { relativeTo } from '../paths.ts';
import type { Open, Session } from '../session.ts';
import { clean } from '../terminal/sanitize.ts';
import { table, type Cell } from '../terminal/table.ts';

interface Options {
  status?: string;
  saves?: boolean;
  limit?: string;
}

const statuses = ['running', 'ended', 'finished', 'failed', 'killed'] as const;

export function runs(program: Command, open: Open): void {
  program
    .command('runs')
    .description('list the training runs that were seen, live ones first, with what became of them')
    .option(
      '--status <status>',
      'only those that are running or have ended, or of these only finished, failed or killed',
    )
    .option('--saves', 'show every save of each run, and which became a version')
    .option('--limit <n>', 'at most this many', '30')
    .action(async ({ status, saves, limit }: Options) => {
      const session = open();
      const wanted = statuses.find((one) => one === status);
      if (status !== undefined && !wanted)
        throw new UsageError(`There is no status ${status}; use one of ${statuses.join(', ')}.`);
      const reply = await session.call('GET /runs', { status: wanted, limit: Number(limit) });
      const { roots } = await session.call('GET /roots', {});
      const folders = roots.map(({ path }) => path);
      session.print(reply, () => runTable(session, clean(reply).runs, folders, saves === true));
    });
}

function runTable(
  session: Session,
  all: readonly ListedRun[],
  folders: readonly string[],
  withSaves: boolean,
): string[] {
  if (all.length === 0) return ['no run was seen yet; a training that saves below a watched folder is one'];
  const columns = [
    { title: 'run', least: 12 },
    { title: 'status' },
    { title: 'for' },
    { title: 'last written' },
    { title: 'process', least: 10 },
    { title: 'version' },
    { title: 'metrics' },
  ];
  const rows = all.flatMap((run): Cell[][] => [
    runRow(session, run, folders),
    ...(withSaves ? run.saves.map((save) => saveRow(session, run, save)) : []),
  ]);
  return table(session.screen, columns, rows);
}

function runRow({ now }: Session, run: ListedRun, folders: readonly string[]): Cell[] {
  const versions = run.saves.flatMap(({ version }) => (version === null ? [] : [version]));
  const others = run.saves.length - versions.length;
  return [
    `${relativeTo(folders, run.folder)}${runNumberText(run.id)}`,
    { text: run.status, style: run.status === 'running' ? 'green' : 'dim' },
    spanText((run.endedAt ?? now) - run.startedAt),
    ageText(run.updatedAt, now),
    processText(run),
    versions.length > 0 ? [...new Set(versions)].join(', ') : others > 0 ? countOf(others, 'candidate') : '–',
    metricsText(run.metrics),
  ];
}

function processText({ execution }: ListedRun): string {
  if (!execution) return '–';
  return execution.script === null ? (execution.command[0] ?? '–') : basename(execution.script);
}

function saveRow({ now }: Session, { folder }: ListedRun, save: RunSave): Cell[] {
  const state = save.version ?? (save.kept ? 'candidate' : (save.lost ?? 'candidate, on disk'));
  return [
    `  ${relativeTo([folder], save.path)}`,
    '',
    sizeText(save.size),
    ageText(save.writtenAt, now),
    '',
    state,
    metricsText(save.metrics),
  ];
}
