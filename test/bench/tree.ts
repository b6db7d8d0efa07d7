import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type Client } from '../../daemon/clients/client/request.ts';
import { configure } from '../../daemon/config.ts';
import { startDaemon } from '../../daemon/daemon.ts';
import { apply as write } from '../../daemon/db/apply/apply.ts';
import { openDatabase } from '../../daemon/db/database.ts';
import { append } from '../../daemon/db/log.ts';
import { silent } from '../../daemon/log.ts';
import type { NewEvent } from '../../daemon/protocol/events.ts';
import { readModels } from '../../daemon/clients/client/read-models.ts';
import { readVersions } from '../../extension/mirror/fetch.ts';
import { plainTree } from '../../extension/trees/tree-input.ts';
import { modelNodes } from '../../extension/trees/rows/models.ts';
import { apply, nothing, type Mirror } from '../../extension/mirror/reducer.ts';
import { given } from '../support/evidence.ts';
import { percentile, row, type Row } from './place.ts';
import { version } from './version.ts';

const models = 1000;
const versionsEach = 1000;
const repeats = 20;

/** Measures the work of the extension host between a click and the rows in the tree, with a registry of 1,000 × 1,000 versions. */
export async function tree(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-bench-'));
  fill(folder);
  const daemon = await startDaemon(configure({ version: '0', dataFolder: folder }), silent);
  const client = connect(daemon.file, 'bench');
  const paint: number[] = [];
  const handlers: number[] = [];
  let mirror: Mirror = nothing;
  for (let n = 0; n < repeats; n += 1) {
    const began = performance.now();
    const read = await readModels(client);
    const handled = performance.now();
    mirror = apply(nothing, { kind: 'models', models: read, at: Date.now() });
    const rows = modelNodes(mirror, { options: plainTree, seen: new Map(), now: Date.now() });
    if (rows.length !== models) throw new Error(`${rows.length} rows of ${models}`);
    handlers.push(performance.now() - handled);
    paint.push(performance.now() - began);
  }
  const expand = await expanded(client, mirror, handlers);
  await daemon.stop();
  rmSync(folder, { recursive: true, force: true });
  const [painted, opened, longest] = [percentile(paint, 0.95), percentile(expand, 0.95), Math.max(...handlers)];
  return [
    row('1,000 models × 1,000 versions: rows of the tree, p95 of 20', '≤ 200 ms', ms(painted), painted <= 200),
    row('one of them opened, 1,000 versions read, p95 of 20', '≤ 150 ms', ms(opened), opened <= 150),
    row('longest handler on the host', '≤ 50 ms', ms(longest), longest <= 50),
  ];
}

async function expanded(client: Client, before: Mirror, handlers: number[]): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < repeats; n += 1) {
    const model = `model-${n}`;
    const began = performance.now();
    let mirror = apply(before, await readVersions(client, model, versionsEach));
    const known = mirror.opened.get(model)?.versions ?? [];
    mirror = apply(mirror, await readVersions(client, model, versionsEach, known));
    const handled = performance.now();
    const node = modelNodes(mirror, { options: plainTree, seen: new Map(), now: Date.now() }).find(
      ({ id }) => id === `model:${model}`,
    );
    if (node?.children?.length !== versionsEach) throw new Error(`${node?.children?.length} rows of ${versionsEach}`);
    handlers.push(performance.now() - handled);
    times.push(performance.now() - began);
  }
  return times;
}

function ms(value: number): string {
  return `${value.toFixed(0)} ms`;
}

/** Writes the versions through the log, as if they had been registered one by one. */
function fill(folder: string): void {
  const db = openDatabase(folder);
  const add = (event: NewEvent): void => write(db, append(db, event, Date.now(), 'bench'));
  for (let n = 0; n < models; n += 1) {
    db.raw.transaction(() => {
      add({ type: 'model.created/1', body: { model: `m${n}`, name: `model-${n}` } });
      for (let number = 1; number <= versionsEach; number += 1) {
        add({ type: 'version.registered/1', body: version(`m${n}`, number) });
      }
      const metrics = { auc: 0.9, loss: 0.1, accuracy: 0.95 };
      const evidence = {
        model: `m${n}`,
        number: versionsEach,
        source: 'metrics.json',
        digest: 'sha256:0',
        metrics,
        params: {},
        origin: given,
      };
      add({ type: 'version.evidence/1', body: evidence });
    })();
  }
  db.close();
}
