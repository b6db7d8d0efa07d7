import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findDaemon } from '../../daemon/clients/client/discover.ts';
import { samples, until } from '../support/daemon.ts';
import { scriptBytes } from '../support/script-bytes.ts';
import { acceptReview, asked, choose, enter, expand, menu, openModels, row, toast } from './actions.ts';
import { node22 } from './node22.ts';
import { iris, trainingOutputs } from './outputs.ts';
import { keepFailures } from './pictures.ts';
import { inOneWindow, missing, openWorkbench, type Workbench } from './workbench.ts';

const top = join(import.meta.dirname, '..', '..');
const reason = missing();
const limit = { timeout: 180_000 };

/** Packs this platform's VSIX and returns its path. */
function packed(): string {
  const output = execFileSync(process.execPath, [join(top, 'scripts', 'package.mjs')], { cwd: top, encoding: 'utf8' });
  return join(top, /^\S+\.vsix/m.exec(output)?.[0] ?? '');
}

if (reason !== undefined) test(`the VSIX in a workbench: ${reason}`, (context) => context.skip(reason));

describe.skipIf(reason !== undefined)('the VSIX, installed by command into a fresh profile', inOneWindow, () => {
  let workbench: Workbench;
  let vsix: string;
  const source = reason === undefined ? trainingOutputs({ iris }) : '';
  keepFailures(() => workbench);

  beforeAll(async () => {
    vsix = packed();
    workbench = await openWorkbench({ workspace: source, vsix });
  }, 400_000);
  afterAll(() => workbench?.close());

  const installed = (): string => {
    const folder = join(workbench.root, 'extensions');
    return join(folder, readdirSync(folder).find((name) => name.startsWith('plinth.plinth-')) ?? '');
  };

  test('it is no larger than 3 MB and holds nothing of development', () => {
    const files = readdirSync(installed(), { recursive: true, encoding: 'utf8' });
    const unwanted = /(^|\/)(deps|src|test|binding\.gyp|build|package-lock\.json)(\/|$)|\.(ts|map|c|h)$|@types/;
    expect(files.filter((path) => unwanted.test(path))).toEqual(['plinth.d.ts']);
    expect(files.filter((path) => path.endsWith('.node'))).toHaveLength(1);
    expect(statSync(vsix).size).toBeLessThan(3_000_000);
    expect(scriptBytes(join(installed(), 'dist', 'extension', 'extension.js'))).toBeLessThan(150_000);
  });

  test('it does what a person gets: models in the tree, promoted, rolled back', limit, async () => {
    const { page } = workbench;
    await openModels(page);
    await expand(page, /^iris/);
    for (const version of ['v1', 'v2']) {
      await menu(page, row(page, new RegExp(`^${version} `)), /^Promote/);
      await choose(page, 'production');
      await acceptReview(page);
      await enter(page);
      await row(page, new RegExp(`^production → ${version}`)).waitFor();
    }
    await toast(page, 'iris production is now v2 (was v1).').waitFor();
    await menu(page, row(page, /^production → v2/), /^Roll Back/);
    await asked(page, /^Select the version to restore/);
    await enter(page);
    await row(page, /^production → v1/).waitFor();
  });

  test('its service runs on the pinned Node', limit, async () => {
    await smoke(process.execPath, installed());
  });

  test('its service runs on the oldest Node it asks for', limit, async (context) => {
    const node = node22();
    if (node === undefined) return context.skip('Node 22.15.1 could not be fetched from the package registry');
    await smoke(node, installed());
    return undefined;
  });
});

/** Serves, registers, promotes twice, rolls back, verifies and stops, all with the installed bundle. */
async function smoke(node: string, extension: string): Promise<void> {
  const data = mkdtempSync(join(realpathSync(tmpdir()), 'plinth-smoke-'));
  const script = join(extension, 'dist', 'plinth.js');
  const service = spawn(node, [script, 'serve', '--quiet', '--data', data], { stdio: 'ignore' });
  const plinth = (...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync(node, [script, ...args, '--data', data], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`plinth ${args.join(' ')} left with ${status}: ${stderr}`);
    return stdout;
  };
  try {
    await until(() => findDaemon(data), 'the service', 20_000);
    for (const run of ['v1', 'v2'])
      plinth('register', join(samples, 'sklearn/iris-script/outputs', run, 'model.joblib'), '--model', 'iris');
    plinth('promote', 'iris@1');
    plinth('promote', 'iris@2');
    plinth('rollback', 'iris');
    expect(plinth('show', 'iris@production')).toMatch(/iris.*1/);
    plinth('verify');
    plinth('stop');
    await until(() => service.exitCode !== null, 'the end of the service');
  } finally {
    service.kill('SIGKILL');
    rmSync(data, { recursive: true, force: true });
  }
}
