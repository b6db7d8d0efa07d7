import type { Command } from 'commander';
import type { Resumption } from '../../../protocol/model.ts';
import type { ListedRun, RunSave } from '../../../protocol/routes/watch.ts';
import { metricsText } from '../../../shared/event-text.ts';
import { ageText, countOf, sizeText, spanText } from '../../../shared/format.ts';
import { runNumberText } from '../../../shared/runs/run-id.ts';
import { durationOf } from '../../../shared/runs/run-status.ts';
import { executionText, resumedBy } from '../../../shared/runs/run-text.ts';
import { searchableRun } from '../../../shared/search/searchable.ts';
import { UsageError } from '../exit.ts';
import { relativeTo } from '../paths.ts';
import { printItems, searchOptions, type SearchOptions } from '../search-options.ts';
import type { Open, Session } from '../session.ts';
import { clean } from '../terminal/sanitize.ts';
import { table, type Cell } from '../terminal/table.ts';

interface Options extends SearchOptions {
  status?: string;
  saves?: boolean;
}

const statuses = ['running', 'ended', 'finished', 'failed', 'killed'] as const;

export function runs(program: Command, open: Open): void {
  const command = program
    .command('runs')
    .description('list training runs, running ones first, with their results')
    .option(
      '--status <status>',
      'only those that are running or have ended, or of these only finished, failed or killed',
    )
    .option('--saves', 'show every save of each run, and which became a version')
    .action((options: Options) => listRuns(open(), options));
  for (const option of searchOptions('run', defaultLimit)) command.addOption(option);
}

const defaultLimit = 30;
const runAttributes = ['run', 'folder', 'status', 'started', 'updated', 'ended', 'duration', 'version', 'model'];

async function listRuns(session: Session, options: Options): Promise<void> {
  const { status, where, sort, limit = defaultLimit } = options;
  const wanted = statuses.find((one) => one === status);
  if (status !== undefined && !wanted)
    throw new UsageError(`There is no status ${status}; use one of ${statuses.join(', ')}.`);
  const reply = await session.call('GET /runs', { status: wanted, where, sort, limit });
  const { roots } = await session.call('GET /roots', {});
  const folders = roots.map(({ path }) => path);
  printItems(session, options, {
    reply,
    items: reply.runs.map((run) => searchableRun(run, session.now)),
    attributes: runAttributes,
    what: 'run',
    unknown: reply.unknown,
    lines: () => {
      if (reply.runs.length === 0 && where !== undefined) return ['no run matches'];
      return runTable(session, clean(reply).runs, folders, options.saves === true);
    },
  });
}

function runTable(
  session: Session,
  all: readonly ListedRun[],
  folders: readonly string[],
  withSaves: boolean,
): string[] {
  if (all.length === 0) return ['no runs yet; a training that saves below a watched folder is a run'];
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
    ...run.resumptions.map((one) => resumptionRow(session, run, one)),
    ...(withSaves ? run.saves.map((save) => saveRow(session, run, save)) : []),
  ]);
  return table(session.screen, columns, rows);
}

function runRow({ now }: Session, run: ListedRun, folders: readonly string[]): Cell[] {
  const versions = run.saves.flatMap(({ version }) => (version === null ? [] : [version]));
  const others = run.saves.length - versions.length;
  const lasted = durationOf(run, now);
  return [
    `${relativeTo(folders, run.folder)}${runNumberText(run.id)}`,
    { text: run.status, style: run.status === 'running' ? 'green' : 'dim' },
    lasted === null ? '–' : spanText(lasted),
    ageText(run.updatedAt, now),
    processText(run),
    versions.length > 0 ? [...new Set(versions)].join(', ') : others > 0 ? countOf(others, 'candidate') : '–',
    metricsText(run.metrics),
  ];
}

/** Returns the first process of a run; each that resumed it has a row of its own. */
function processText({ execution, resumptions }: ListedRun): string {
  const first = resumptions[0] ? resumptions[0].from : execution;
  return first ? executionText(first) : '–';
}

function resumptionRow({ now }: Session, run: ListedRun, resumption: Resumption): Cell[] {
  const by = resumedBy(run, resumption);
  const text = by ? by.command.slice(-maxWords).join(' ') : '–';
  return [{ text: `  resumed: ${resumption.reason}`, style: 'dim' }, '', '', ageText(resumption.at, now), text, '', ''];
}

/** Words at the end of a command line that are shown, where a resumed training differs. */
const maxWords = 4;

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
