// Runs every check there is and ends with one line: N passed, N failed. What cannot run here is said, with the reason.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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
const notRun = [];

for (const check of only.length > 0 ? [] : checks) count(check.name, run(check.command) === 0);
// The workbench wants the machine for itself: beside other tests its clicks come too late. The others wait more than they compute.
const parts = [
  ['--maxWorkers=3', '--exclude', 'test/vscode/**'],
  ['--maxWorkers=2', 'test/vscode'],
];
for (const part of only.length > 0 ? [only] : parts) {
  run(['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${results}`, ...part]);
  countTests();
}

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

function countTests() {
  try {
    const report = JSON.parse(readFileSync(results, 'utf8'));
    passed += report.numPassedTests;
    failed += report.numFailedTests;
    for (const suite of report.testResults) {
      if (suite.status === 'failed' && suite.assertionResults.length === 0) failed += 1;
      for (const test of suite.assertionResults) {
        if (test.status === 'pending' || test.status === 'skipped')
          notRun.push({ name: test.title, reason: test.meta?.reason ?? 'skipped' });
      }
    }
  } catch {
    console.log('FAILED: the tests left no report');
    failed += 1;
  } finally {
    rmSync(results, { force: true });
  }
}
