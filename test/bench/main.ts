import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { beside, light } from './light.ts';
import type { Row } from './place.ts';
import { rates, reads } from './registry.ts';
import { large, latencies } from './seen.ts';

const parts: Record<string, () => Promise<Row[]>> = { latencies, large, rates, reads, light, beside };
const asked = process.argv.slice(2);

const rows: Row[] = [];
for (const [name, part] of Object.entries(parts)) {
  if (asked.length === 0 || asked.includes(name)) rows.push(...(await part()));
}
const lines = rows.map(
  ({ what, wanted, measured, met }) =>
    `| ${what} | ${wanted} | ${measured} | ${met === undefined ? '' : met ? 'met' : 'missed'} |`,
);
const head = `Measured on ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}.`;
const table = [head, '', '| what | wanted | measured | |', '| --- | --- | --- | --- |', ...lines, ''].join('\n');
console.log(`\n${table}`);
if (asked.length === 0) writeFileSync(join(import.meta.dirname, 'results.md'), table);
