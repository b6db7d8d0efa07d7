// npm start: builds, starts the registry service and, with no path given, replays real training output before your eyes.
// npm start -- PATH …: watches your own folders instead, on your own data folder.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const top = join(import.meta.dirname, '..');
const program = join(top, 'dist', 'plinth.js');
const demo = join(top, '.plinth');
const paths = process.argv.slice(2);

const trainings = [
  ['sklearn/iris-script/outputs/v1', 'iris/run-1', 1],
  ['sklearn/iris-script/outputs/v2', 'iris/run-2', 1],
  ['sklearn/iris-script/outputs/v3', 'iris/run-3', 1],
  ['xgboost/breast-cancer/run-001', 'breast-cancer/run-1', 1],
  ['xgboost/breast-cancer/run-002', 'breast-cancer/run-2', 1],
  ['pytorch/digits-mlp-a', 'digits/run-1', 3],
  ['pytorch/digits-mlp-b', 'digits/run-2', 3],
  ['transformers/tiny-bert-cls', 'sentiment/run-1', 3],
];

console.log('Building …');
if (spawnSync(process.execPath, [join(top, 'scripts', 'build.mjs')], { stdio: 'inherit' }).status !== 0)
  process.exit(1);
if (paths.length > 0) serve(['--watch', ...paths]);
else await show();

/** Runs the service in the foreground and exits with its exit code. */
function serve(args) {
  const service = spawn(process.execPath, [program, 'serve', ...args], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => service.kill(signal));
  service.on('exit', (code) => process.exit(code ?? 1));
  return service;
}

async function show() {
  const data = join(demo, 'data');
  const outputs = join(demo, 'outputs');
  stopEarlier(data);
  rmSync(demo, { recursive: true, force: true });
  mkdirSync(outputs, { recursive: true });
  console.log('Real training output is replayed into a watched folder, file by file as its trainers wrote it.\n');
  serve(['--data', data, '--watch', outputs]);
  await sleep(1200);
  for (const [at, [sample, target, seconds]] of trainings.entries()) {
    console.log(`replaying ${at + 1} of ${trainings.length} · ${target} …`);
    await replay(sample, join(outputs, target), seconds);
  }
  console.log(`replayed all ${trainings.length}; the last ones are being registered …`);
  await sleep(2500);
  console.log(`\n${next(data, outputs)}`);
}

function replay(sample, target, seconds) {
  const source = join(top, 'test', 'fixtures', 'samples', sample);
  const writer = spawn(process.execPath, [join(top, 'scripts', 'replay.mjs'), source, target, String(seconds)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return new Promise((resolve) => writer.on('exit', resolve));
}

function stopEarlier(data) {
  spawnSync(process.execPath, [program, 'stop', '--data', data], { stdio: 'ignore' });
}

function next(data, outputs) {
  return `What to try now, in another terminal in this folder:

  npm run -s plinth -- open                            the same in a browser, with pages for everything below
  npm run -s plinth -- ls                              the models and what is in production
  npm run -s plinth -- diff iris@1 iris@3              what made the difference
  npm run -s plinth -- promote iris@2 --reason "first try"
  npm run -s plinth -- promote iris@3                  … to production, v2 goes to the archive
  npm run -s plinth -- rollback iris                   one step back, its bytes verified first
  npm run -s plinth -- history iris                    who moved what, when and why
  npm run -s plinth -- path iris@production            the verified file, ready to load

Watch a folder of your own:  npm start -- path/to/outputs
Everything is in ${demo} (data in ${data}, outputs in ${outputs}).
Ctrl+C stops the service and leaves nothing else behind.`;
}
