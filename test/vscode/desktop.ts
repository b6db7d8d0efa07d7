import { runTests } from '@vscode/test-electron';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeProfile } from './server.ts';
import { makeWorkspace, type Wanted } from './workbench.ts';

const top = join(import.meta.dirname, '..', '..');

/** Runs in-host tests in a desktop VS Code, which is downloaded once. Returns what it printed at its end. */
export async function runOnDesktop(wanted: Wanted): Promise<string> {
  const root = mkdtempSync(join(realpathSync(tmpdir()), 'pld-'));
  const profile = makeProfile(root, wanted.settings ?? {}, wanted.env ?? {});
  const trust = wanted.trusted === false ? [] : ['--disable-workspace-trust'];
  const folders = ['--user-data-dir', join(root, 'profile'), '--extensions-dir', join(root, 'extensions')];
  try {
    const code = await runTests({
      cachePath: join(top, '.cache', 'vscode'),
      extensionDevelopmentPath: top,
      extensionTestsPath: wanted.tests ?? '',
      launchArgs: [makeWorkspace(root, wanted).open, ...trust, ...folders],
      extensionTestsEnv: { ...wanted.env, PLINTH_DATA: profile.dataFolder },
    });
    return `exit code ${code}`;
  } catch (error) {
    return String(error);
  } finally {
    spawnSync(process.execPath, [join(top, 'dist', 'plinth.js'), 'stop', '--data', profile.dataFolder]);
    rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
