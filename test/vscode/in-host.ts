import { build } from 'esbuild';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from './suite/run.ts';
import { runOnDesktop } from './desktop.ts';
import { openWorkbench, type Wanted } from './workbench.ts';

const top = join(import.meta.dirname, '..', '..');
const withinMs = 240_000;

/**
 * Runs `suite/<name>.ts` inside the extension host of a workbench of its own, or of a downloaded desktop VS Code when
 * PLINTH_VSCODE is `desktop`. Throws when the host left no report.
 */
export async function runInHost(name: string, wanted: Wanted): Promise<Report> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'plinth-suite-'));
  const results = join(folder, 'results.json');
  try {
    const tests = await bundle(name, folder);
    const folders = String(Object.keys(wanted.roots ?? { workspace: '' }).length);
    const note = join(folder, 'without-folders');
    const env = {
      ...wanted.env,
      PLINTH_TEST_RESULTS: results,
      PLINTH_TEST_FOLDERS: folders,
      PLINTH_TEST_NO_FOLDERS: note,
    };
    const run = process.env['PLINTH_VSCODE'] === 'desktop' ? runOnDesktop : runInBrowser;
    let said = await run({ ...wanted, tests, env });
    // On a busy machine VS Code sometimes opens a window without its folders.
    if (existsSync(note)) said = await run({ ...wanted, tests, env });
    // VS Code also exits with 0 when the host died, so only a report counts.
    if (existsSync(results)) return JSON.parse(readFileSync(results, 'utf8')) as Report;
    throw new Error(`the extension host left no report\n${said}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runInBrowser(wanted: Wanted): Promise<string> {
  const workbench = await openWorkbench(wanted);
  try {
    await Promise.race([workbench.ended, tooLate()]);
    return workbench.console.slice(-20).join('\n');
  } finally {
    await workbench.close();
  }
}

function tooLate(): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`the suite did not end within ${withinMs} ms`)), withinMs).unref();
  });
}

/** Bundles a suite into one CommonJS module with `run()`, beside a link to the installed packages. */
async function bundle(name: string, folder: string): Promise<string> {
  const outfile = join(folder, 'suite.js');
  const entry = `import { suite } from './${name}.ts'; import { runSuite } from './run.ts'; export const run = () => runSuite(suite);`;
  await build({
    absWorkingDir: top,
    stdin: { contents: entry, resolveDir: join(top, 'test', 'vscode', 'suite'), loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22.15',
    external: ['vscode', 'mocha'],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  symlinkSync(join(top, 'node_modules'), join(folder, 'node_modules'), 'junction');
  return outfile;
}
