// Runs every check and ends with one line: N passed, N failed. Lists what cannot run here, with the reason, and what passed only
// when its file was run a second time by itself. With CI set in the environment such a test counts as failed, because otherwise
// nobody would look at it.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const top = join(import.meta.dirname, '..');
const results = join(tmpdir(), `plinth-test-${process.pid}.json`);
const only = process.argv.slice(2);

const checks = [
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'types of the pages', command: ['tsc', '--noEmit', '-p', 'webview'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  {
    name: 'format',
    command: ['prettier', '--check', '--log-level', 'warn', '--cache', '--cache-location', '.cache/prettier', '.'],
  },
  { name: 'build', command: ['node', 'scripts/build.mjs'] },
];

let passed = 0;
let failed = 0;
const notRun =
  process.env.PLINTH_RUNS === 'whole' || only.length > 0
    ? []
    : [
        {
          name: 'trainings of many processes at once',
          reason: 'PLINTH_RUNS=whole npm test -- test/ingest/runs test/ingest/register',
        },
        {
          name: 'an MLflow script whose every request fails once logs each thing once',
          reason: 'PLINTH_RUNS=whole npm test -- test/mlflow',
        },
        { name: 'the image of the Containerfile is built and run', reason: 'npm run container, with podman' },
      ];
const unsteady = [];

for (const check of only.length > 0 ? [] : checks) count(check.name, run(check.command) === 0);
// The workbench needs the machine for itself: beside other tests its clicks come too late. The other tests wait more than they
// compute.
const parts = [
  ['--maxWorkers=4', '--exclude', 'test/vscode/**'],
  ['--maxWorkers=2', 'test/vscode'],
];
for (const part of only.length > 0 ? [only] : parts) countTests(runTests(part));

const isCI = !['', '0', 'false', undefined].includes(process.env.CI);
for (const name of unsteady) console.log(`${isCI ? 'FAILED: ' : ''}passed only the second time: ${name}`);
if (isCI) failed += unsteady.length;
for (const { name, reason } of notRun) console.log(`not run: ${name} (${reason})`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);

function run([command, ...args]) {
  const local = command === 'node' ? process.execPath : join(top, 'node_modules', '.bin', command);
  const result = spawnSync(local, args, { cwd: top, stdio: 'inherit', shell: process.platform === 'win32' });
  return result.status ?? 1;
}

function count(name, good) {
  console.log(`${good ? 'ok' : 'FAILED'}: ${name}`);
  if (good) passed += 1;
  else failed += 1;
}

/** Returns the result of each test file. A file that fails beside others is run once more with the machine for itself. */
function runTests(part) {
  const suites = vitest(part);
  const failing = suites?.filter(({ status }) => status === 'failed') ?? [];
  if (failing.length === 0 || failing.length > 3 || only.length > 0) return suites;
  const files = failing.map(({ name }) => relative(top, name));
  console.log(`once more: ${files.join(' ')}`);
  const again = vitest(['--maxWorkers=1', ...files]);
  if (!again) return suites;
  const still = again.flatMap(failedTests);
  unsteady.push(...failing.flatMap(failedTests).filter((name) => !still.includes(name)));
  return [...suites.filter(({ status }) => status !== 'failed'), ...again];
}

function vitest(args) {
  const status = run([
    'vitest',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${results}`,
    ...args,
  ]);
  try {
    const suites = JSON.parse(readFileSync(results, 'utf8')).testResults;
    if (status !== 0 && suites.flatMap(failedTests).length === 0) count('nothing thrown outside the tests', false);
    return suites;
  } catch {
    return undefined;
  } finally {
    rmSync(results, { force: true });
  }
}

/** Returns the names of failed tests; the file's name when it failed before its tests began. */
function failedTests({ name, status, assertionResults }) {
  const failing = assertionResults.filter((test) => test.status === 'failed').map(({ fullName }) => fullName);
  return status === 'failed' && failing.length === 0 ? [relative(top, name)] : failing;
}

function countTests(suites) {
  if (!suites) {
    console.log('FAILED: the tests left no report');
    failed += 1;
  }
  for (const suite of suites ?? []) {
    failed += failedTests(suite).length;
    for (const test of suite.assertionResults) {
      if (test.status === 'passed') passed += 1;
      if (test.status === 'pending' || test.status === 'skipped')
        notRun.push({ name: test.title, reason: test.meta?.reason ?? 'skipped' });
    }
  }
}
