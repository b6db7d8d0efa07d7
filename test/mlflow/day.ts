import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../../daemon/clients/client/request.ts';
import { configure } from '../../daemon/config.ts';
import { startDaemon } from '../../daemon/daemon.ts';
import { silent } from '../../daemon/log.ts';
import { forDay, mlflowPython, runPython } from './python.ts';

/**
 * Makes a day's ordinary calls through MLflow's clients, new and old, with the libraries that they log. Run by hand, because the
 * libraries are large. Prints each step as it ends, with its seconds. A step that takes more than DAY_SECONDS_A_STEP (300) counts
 * as failed.
 */

async function spend(client: string, pinned: readonly string[]): Promise<boolean> {
  const say = (line: string): void => console.log(`${client} ${line}`);
  const startedAt = performance.now();
  const found = mlflowPython([...pinned], 3_600_000);
  if ('reason' in found) {
    say(`not run: ${found.reason}`);
    return true;
  }
  say(`ok its libraries are installed ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  const dataFolder = mkdtempSync(join(tmpdir(), 'plinth-day-'));
  const daemon = await startDaemon(configure({ version: '0.0.0', dataFolder }), silent);
  const { token } = await connect(daemon.file, 'test').call('GET /mlflow', {});
  let isFine = true;
  let begun: string | undefined;
  const hear = (line: string): void => {
    if (/^(begins|ok|failed:) /.test(line)) begun = /^begins (.*)/.exec(line)?.[1];
    if (!/^(ok|skipped|warned|failed:) /.test(line)) return;
    isFine &&= !/^(warned|failed:) /.test(line) && !isPinned(pinned, line);
    say(line);
  };
  const env = { MLFLOW_TRACKING_URI: `http://127.0.0.1:${daemon.file.port}`, MLFLOW_TRACKING_TOKEN: token };
  const { code, err } = await runPython(found.python, [join(import.meta.dirname, 'day.py')], env, hear);
  await daemon.stop();
  rmSync(dataFolder, { recursive: true, force: true });
  if (begun !== undefined) say(`failed: ${begun} ended the whole script`);
  if (code !== 0) say(err.slice(-4000));
  return code === 0 && isFine;
}

/** True when a step was skipped because a library is missing that is pinned for this client. Only other libraries may be missing. */
function isPinned(pinned: readonly string[], line: string): boolean {
  const library = /^skipped .* without (\w+)$/.exec(line)?.[1];
  return library !== undefined && pinned.some((pin) => pin.startsWith(`${library}==`));
}

let isFine = true;
for (const [client, pinned] of Object.entries(forDay)) isFine = (await spend(client, pinned)) && isFine;
process.exit(isFine ? 0 : 1);
