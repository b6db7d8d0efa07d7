import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInHost } from '../vscode/in-host.ts';
import { missing } from '../vscode/workbench.ts';
import { row, type Row } from './place.ts';

const samples = join(import.meta.dirname, '..', 'fixtures', 'samples', 'sklearn', 'iris-script', 'outputs');

/** Measures the extension inside the extension host of a real VS Code. */
export async function host(): Promise<Row[]> {
  const reason = missing();
  if (reason !== undefined) return [row('the extension in its host', '—', `not measured: ${reason}`)];
  const workspace = makeWorkspace();
  try {
    const { figures, results } = await runInHost('speed', { workspace });
    const failure = results.find(({ error }) => error !== null);
    if (failure) throw new Error(`${failure.title}: ${failure.error}`);
    return limits.map(([what, name, most]) => {
      const ms = figures[name] ?? NaN;
      return row(
        what,
        most === undefined ? '—' : `≤ ${most} ms`,
        `${ms.toFixed(1)} ms`,
        most === undefined ? undefined : ms <= most,
      );
    });
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

const limits: [what: string, figure: string, most: number | undefined][] = [
  ['view opened → three versions in the tree', 'viewOpened', 5000],
  ['event → tree in VS Code, p95 of 20', 'eventToTreeP95', 500],
  ['our code on the host’s thread at a time, 40 events, 200 references in view, p95', 'heldByEventsP95', 25],
  ['the same, longest', 'heldByEventsLongest', undefined],
  ['our code on the host’s thread at a time, 200 edits, 200 references in view, p95', 'heldByTypingP95', 25],
  ['the same, longest', 'heldByTypingLongest', undefined],
  ['extension loaded and activated, median of 20', 'activatedMedian', 200],
  ['the same, p95', 'activatedP95', undefined],
];

function makeWorkspace(): string {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-bench-'));
  for (const run of ['v1', 'v2', 'v3']) {
    const target = join(folder, 'outputs', 'iris', run);
    mkdirSync(target, { recursive: true });
    for (const file of ['model.joblib', 'metrics.json', 'params.yaml'])
      cpSync(join(samples, run, file), join(target, file));
  }
  return folder;
}
