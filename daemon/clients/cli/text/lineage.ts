import type { DataFile, Lineage, RunReport } from '../../../protocol/lineage.ts';
import { homePath } from '../paths.ts';
import { ruleText } from '../../../shared/evidence.ts';
import { countOf, dateText, sizeText } from '../../../shared/format.ts';

/** Returns a version's lineage as labels and texts, without unknown ones. */
export function lineagePairs({ code, process, environment, seeds, captured, missing }: Lineage): [string, string][] {
  const pairs: [string, string | undefined][] = [
    ['commit', code ? commitText(code) : undefined],
    ['repository', code ? homePath(code.repository) : undefined],
    ['remote', code?.remote ?? undefined],
    ['command', process?.command.join(' ').slice(0, 300)],
    ['run by', process ? runnerText(process) : undefined],
    ['started', process?.startedAt ? dateText(process.startedAt) : undefined],
    ['python', environment?.python ?? undefined],
    ['cuda', environment?.cuda ?? undefined],
    [
      'packages',
      environment
        ? `${countOf(Object.keys(environment.packages).length, 'package')} in ${homePath(environment.source)}`
        : undefined,
    ],
    [
      'seeds',
      Object.entries(seeds)
        .map(([name, value]) => `${name}=${value}`)
        .join(', '),
    ],
    ['kept', captured.map(({ path }) => path).join(', ')],
    ['not seen', missing.join(' ')],
  ];
  return pairs.flatMap(([label, text]) => (text === undefined || text === '' ? [] : [[label, text]]));
}

function runnerText({ interpreter, folder }: NonNullable<Lineage['process']>): string {
  return folder === '' ? homePath(interpreter) : `${homePath(interpreter)} in ${homePath(folder)}`;
}

function commitText(code: NonNullable<Lineage['code']>): string {
  const branch = code.branch === null ? '' : ` on ${code.branch}`;
  const state = code.changed === true ? ', with uncommitted changes' : code.changed === false ? ', clean' : '';
  const guess = code.known === 'date' ? ' (by its date)' : '';
  return `${code.commit.slice(0, 12)}${branch}${state}${guess}`;
}

/** Returns a line for each report with its size and why it belongs to the version or is not kept. */
export function reportLines({ reports = [], moreReports = 0 }: Lineage): string[] {
  const lines = reports.map((one) => `${one.path} · ${sizeText(one.size)} · ${reportState(one)}`);
  return moreReports === 0 ? lines : [...lines, `${countOf(moreReports, 'report')} more are not listed`];
}

function reportState({ digest, rule, reason }: RunReport): string {
  if (rule === 'not-used') return `not used: ${reason}`;
  return digest === null ? reason : ruleText({ rule, reason });
}

export function dataLine({ path, size, digest, rows, columns, named }: DataFile): string {
  const shape =
    rows === null
      ? ''
      : ` · ${countOf(rows, 'row')}${columns === null ? '' : ` × ${countOf(columns.length, 'column')}`}`;
  const bytes = size === 0 ? '' : ` · ${sizeText(size)}`;
  return `${path}${bytes}${shape} · ${digest.slice(0, 24)}… · ${named}`;
}
