import { execFile } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const memory = pathToFileURL(join(import.meta.dirname, '..', '..', 'daemon', 'runtime', 'memory-release.ts')).href;

/** Leaves some 150 MB of garbage in pages that V8 retains, and prints the resident MB: then, and after two quiet seconds. */
const burst = `
  const { giveMemoryBack } = await import('${memory}');
  const { setTimeout: sleep } = await import('node:timers/promises');
  giveMemoryBack(400);
  let kept = Array.from({ length: 1_500_000 }, (_, index) => ({ index, text: 'n' + index }));
  await sleep(1);
  kept = kept.slice(0, 1000);
  const resident = () => process.memoryUsage.rss() / 2 ** 20;
  const full = resident();
  await sleep(2000);
  console.log(JSON.stringify({ full, after: resident(), kept: kept.length }));
`;

test('what a burst of work took is given back once it is quiet', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', burst]);
  const { full, after } = JSON.parse(stdout) as { full: number; after: number };
  expect(full).toBeGreaterThan(150);
  expect(after).toBeLessThan(0.7 * full);
});
