import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { burst } from './burst.ts';
import { comparison } from './compare.ts';
import { gating } from './gates.ts';
import { beside, light } from './light.ts';
import { longLogs } from './long-logs.ts';
import { host } from './host.ts';
import { lsp } from './lsp.ts';
import { mlflow, requests } from './mlflow.ts';
import { manyUploads } from './mlflow-uploads.ts';
import { runLogs } from './run-logs.ts';
import { pages } from './pages.ts';
import { row, type Row } from './place.ts';
import { rates, reads } from './registry.ts';
import { scale } from './scale.ts';
import { streamClients } from './stream-clients.ts';
import { following, large, latencies, sparse } from './seen.ts';
import { transfers } from './transfers.ts';
import { tree } from './tree.ts';
import { turns } from './turns.ts';
import { sizes } from './vsix.ts';

const parts: Record<string, () => Promise<Row[]>> = {
  latencies,
  large,
  sparse,
  following,
  burst,
  streamClients,
  rates,
  reads,
  runLogs,
  longLogs,
  scale,
  turns,
  tree,
  host,
  comparison,
  gating,
  lsp,
  pages,
  mlflow,
  requests,
  manyUploads,
  transfers,
  light,
  beside,
  sizes,
};
/** Parts of another benchmark that can also be run by themselves. */
const within = new Set(['requests', 'manyUploads', 'transfers']);
const asked = process.argv.slice(2);

const rows: Row[] = [];
for (const [name, part] of Object.entries(parts)) {
  if (asked.length > 0 ? !asked.includes(name) : within.has(name)) continue;
  try {
    rows.push(...(await part()));
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
    rows.push(row(`${name} could not be measured`, '—', String(error), false));
  }
}
const lines = rows.map(
  ({ what, wanted, measured, met }) =>
    `| ${what} | ${wanted} | ${measured} | ${met === undefined ? '' : met ? 'met' : 'missed'} |`,
);
const head = `Measured on ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}.`;
const table = [head, '', '| what | wanted | measured | |', '| --- | --- | --- | --- |', ...lines, ''].join('\n');
console.log(`\n${table}`);
if (asked.length === 0) writeFileSync(join(import.meta.dirname, 'results.md'), table);
