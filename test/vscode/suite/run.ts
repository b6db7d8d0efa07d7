import { renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';

/** What a suite gets from the runner in the extension host. */
export interface InHost {
  test(title: string, body: () => Promise<void>): void;
  /** Reports a test that cannot run on this machine, and why. */
  notRun(title: string, reason: string): void;
  /** Adds a measured figure to the report, in ms. */
  figure(what: string, ms: number): void;
}

export type Suite = (host: InHost) => void;

export interface Result {
  title: string;
  state: 'passed' | 'failed' | 'not run';
  ms: number;
  /** Why it failed, or was not run. */
  error: string | null;
}

/** The report that the extension host writes to `$PLINTH_TEST_RESULTS`. */
export interface Report {
  results: Result[];
  /** Measured figures in ms. */
  figures: Record<string, number>;
}

const timeoutMs = 60_000;

/** Returns true once the window has as many folders as `PLINTH_TEST_FOLDERS` says; false if it has not after 10 s. */
async function hasFolders(): Promise<boolean> {
  const wanted = Number(process.env['PLINTH_TEST_FOLDERS'] ?? 0);
  for (let tries = 0; tries < 100; tries += 1) {
    if ((vscode.workspace.workspaceFolders?.length ?? 0) >= wanted) return true;
    await sleep(100);
  }
  return false;
}

/** Runs a suite in order, under mocha inside the extension host, and writes a report. Throws when a test failed. */
export async function runSuite(suite: Suite): Promise<void> {
  if (!(await hasFolders())) {
    const note = process.env['PLINTH_TEST_NO_FOLDERS'];
    if (note !== undefined) writeFileSync(note, '');
    throw new Error('the window opened without its folders');
  }
  const { default: Mocha } = await import('mocha');
  const mocha = new Mocha({ timeout: timeoutMs });
  const report: Report = { results: [], figures: {} };
  suite({
    test: (title, body) => void mocha.suite.addTest(new Mocha.Test(title, body)),
    notRun: (title, reason) => void report.results.push({ title, state: 'not run', ms: 0, error: reason }),
    figure: (what, ms) => (report.figures[what] = ms),
  });
  const failures = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve);
    runner.on('pass', ({ title, duration }) =>
      report.results.push({ title, state: 'passed', ms: duration ?? 0, error: null }),
    );
    runner.on('fail', ({ title, duration }, error: Error) =>
      report.results.push({ title, state: 'failed', ms: duration ?? 0, error: error.stack ?? String(error) }),
    );
  });
  keep(report);
  if (failures > 0) throw new Error(`${failures} failed`);
}

/** Writes the report under another name first, so that nobody reads half of it. */
function keep(report: Report): void {
  const file = process.env['PLINTH_TEST_RESULTS'];
  if (file === undefined) return;
  writeFileSync(`${file}.part`, JSON.stringify(report));
  renameSync(`${file}.part`, file);
}
