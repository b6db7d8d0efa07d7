import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../../daemon/clients/client/request.ts';
import { configure } from '../../daemon/config.ts';
import { startDaemon } from '../../daemon/daemon.ts';
import { silent } from '../../daemon/log.ts';
import { forDay, mlflowPython, runPython } from './python.ts';

/** A day of ordinary calls through MLflow's clients, new and old, with the libraries that they log. Run by hand: they are large. */

async function spend(pinned: readonly string[]): Promise<string[]> {
  const found = mlflowPython([...pinned], 1_800_000);
  if ('reason' in found) return [`not run: ${found.reason}`];
  const dataFolder = mkdtempSync(join(tmpdir(), 'plinth-day-'));
  const daemon = await startDaemon(configure({ version: '0.0.0', dataFolder }), silent);
  const { token } = await connect(daemon.file, 'test').call('GET /mlflow', {});
  const { code, out, err } = await runPython(found.python, [join(import.meta.dirname, 'day.py')], {
    MLFLOW_TRACKING_URI: `http://127.0.0.1:${daemon.file.port}`,
    MLFLOW_TRACKING_TOKEN: token,
  });
  await daemon.stop();
  rmSync(dataFolder, { recursive: true, force: true });
  const told = out.split('\n').filter((line) => /^(ok|skipped|warned) /.test(line));
  return code === 0 ? told : [...told, `failed: ${err.slice(-2000)}`];
}

let isFine = true;
for (const [client, pinned] of Object.entries(forDay)) {
  const told = await spend(pinned);
  for (const line of told) console.log(`${client} ${line}`);
  isFine &&= told.every((line) => !/^(warned|failed)/.test(line));
}
process.exit(isFine ? 0 : 1);
