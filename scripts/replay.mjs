// Writes one real training output again as its trainer did: logs grow while checkpoints appear; the final model and its metrics
// come last. It is a process of its own, so that the run has a writer whose end the service can see. Usage: node
// scripts/replay.mjs SOURCE TARGET [SECONDS]
import { closeSync, mkdirSync, openSync, readFileSync, readdirSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const [source, target, seconds = '3'] = process.argv.slice(2);
const growing = /tfevents|\.(csv|jsonl|log|tsv)$/;
const setUp = /(^|\/)(config|params|hparams|args)\.(json|ya?ml)$|\.hydra\/|(tokenizer|generation_config)/;
const afterwards = /(metrics|results|report|history|importances|evals_result)[^/]*\.(json|txt|csv)$/;

const files = readdirSync(source, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name !== 'expected.json' && entry.name !== 'registered.json')
  .map((entry) =>
    join(entry.parentPath, entry.name)
      .slice(source.length + 1)
      .replaceAll('\\', '/'),
  );

const byKind = Object.groupBy(files, (file) => {
  if (afterwards.test(file)) return 'afterwards';
  if (growing.test(file)) return 'growing';
  return setUp.test(file) ? 'setUp' : 'models';
});
const models = (byKind.models ?? []).toSorted((a, b) => stepOf(a) - stepOf(b));
const rounds = Math.max(4, models.length);
const pause = (Number(seconds) * 1000) / (rounds + 1);

for (const file of byKind.setUp ?? []) write(file);
const logs = (byKind.growing ?? []).map((file) => ({
  bytes: readFileSync(join(source, file)),
  handle: open(file),
  done: 0,
}));
for (let round = 1; round <= rounds; round += 1) {
  for (const log of logs) grow(log, round / rounds);
  await sleep(pause);
  for (const file of models.slice(
    Math.floor(((round - 1) * models.length) / rounds),
    Math.floor((round * models.length) / rounds),
  )) {
    await writeInPieces(file);
  }
}
for (const file of byKind.afterwards ?? []) write(file);
await sleep(pause);
for (const log of logs) closeSync(log.handle);

/** Sorts checkpoints by their steps, and final files last. */
function stepOf(file) {
  const step = /(?:checkpoint-|epoch[=_]|step=|model_)(\d+)/.exec(file);
  if (step) return Number(step[1]);
  return /best|last|checkpoint/.test(file) ? 1e6 : 1e9;
}

function open(file) {
  mkdirSync(dirname(join(target, file)), { recursive: true });
  return openSync(join(target, file), 'w');
}

function write(file) {
  const handle = open(file);
  writeSync(handle, readFileSync(join(source, file)));
  closeSync(handle);
}

async function writeInPieces(file) {
  const bytes = readFileSync(join(source, file));
  const handle = open(file);
  const piece = Math.ceil(bytes.length / 3);
  for (let at = 0; at < bytes.length; at += piece) {
    writeSync(handle, bytes.subarray(at, at + piece));
    await sleep(20);
  }
  closeSync(handle);
}

function grow(log, share) {
  const until = Math.floor(log.bytes.length * share);
  writeSync(log.handle, log.bytes.subarray(log.done, until));
  log.done = until;
}
