import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { formatGates } from '../../../daemon/clients/cli/text/gate-formats.ts';
import type { GateReport } from '../../../daemon/protocol/policy.ts';
import { mainScript } from '../../support/program.ts';
import { commandLine, samples } from './plinth.ts';

const top = join(import.meta.dirname, '..', '..', '..');
const { folder, data, out } = commandLine();
const project = join(folder, 'project');

beforeAll(async () => {
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin', 'plinth'), `#!/bin/sh\nexec '${process.execPath}' '${mainScript}' "$@"\n`);
  chmodSync(join(folder, 'bin', 'plinth'), 0o755);
  mkdirSync(join(project, '.git'), { recursive: true });
  writeFileSync(
    join(project, 'plinth.yaml'),
    'models: [{ match: iris, gates: { production: [{ gate: tags, keys: [dataset] }, { gate: pickle }] } }]\n',
  );
  for (const one of ['v1', 'v2']) {
    cpSync(join(samples, `sklearn/iris-script/outputs/${one}/model.joblib`), join(project, 'model.joblib'));
    await out('register', join(project, 'model.joblib'), '--model', 'iris');
  }
  await out('tag', 'iris@2', 'dataset=iris');
  writeFileSync(join(project, 'load.py'), 'load("models:/iris/2")\n');
}, 60_000);

interface Step {
  run: string;
  env: Record<string, string>;
  if?: string;
}

/** Runs a step as GitHub does, in the project. */
function runStep(
  { run, env }: Pick<Step, 'run' | 'env'>,
  shell = ['bash', '--noprofile', '--norc', '-eo', 'pipefail', '-c'],
) {
  const path = `${join(folder, 'bin')}${delimiter}${process.env['PATH']}`;
  const [program = '', ...args] = shell;
  const found = spawnSync(program, [...args, run], {
    cwd: project,
    env: { ...process.env, PATH: path, PLINTH_DATA: data, ...env },
    encoding: 'utf8',
  });
  return { code: found.status, stdout: found.stdout, stderr: found.stderr };
}

test.runIf(process.platform !== 'win32')(
  'the steps of the GitHub action fail exactly if a gate fails, and write summary, report and comparison',
  { timeout: 120_000 },
  () => {
    const action = parse(readFileSync(join(top, 'docs/ci/action.yml'), 'utf8')) as {
      runs: { steps: (Step & { name: string })[] };
    };
    const summary = join(folder, 'summary.md');
    const inputs: Record<string, string> = {
      version: 'iris@1',
      stage: 'production',
      baseline: 'iris@2',
      url: '',
      token: '',
    };
    const step = (name: string) => {
      const { run, env } = action.runs.steps.find((one) => one.name === name)!;
      // An input may hold anything, so it must never become part of the script.
      expect(run).not.toContain('${{');
      const filled = Object.entries(env).map(([key, value]) => [
        key,
        value.replace(/^\$\{\{ inputs\.(\w+) \}\}$/, (_, input: string) => inputs[input]!),
      ]);
      return runStep({
        run,
        env: { ...(Object.fromEntries(filled) as Record<string, string>), GITHUB_STEP_SUMMARY: summary },
      });
    };
    const failed = step('Gates');
    expect(failed.code).toBe(1);
    expect(failed.stdout).toMatch(/^::notice title=Plinth::iris@1 for production: gates failed\n::error title=tags::/);
    expect(readFileSync(join(project, 'plinth-gates.xml'), 'utf8')).toMatch(
      /<testsuites tests="2" failures="1" errors="0" skipped="0">[^]*<failure message="/,
    );
    expect(readFileSync(summary, 'utf8')).toMatch(/^### ❌ iris@1 for production\n[^]*\| ❌ \| tags \|/);
    expect(step('Comparison').code).toBe(0);
    expect(readFileSync(join(project, 'plinth-comparison.md'), 'utf8')).toContain('iris@2');
    expect(step('Locked references').code).toBe(0);
    inputs['version'] = 'iris@2';
    const passed = step('Gates');
    expect([passed.code, passed.stdout]).toEqual([
      0,
      '::notice title=Plinth::iris@2 for production: all gates passed\n',
    ]);
    inputs['version'] = 'iris@2"; touch owned; echo "';
    expect(step('Gates').code).toBe(66);
    expect(existsSync(join(project, 'owned'))).toBe(false);
  },
);

test.runIf(process.platform !== 'win32')(
  'the script of the GitLab template fails exactly if a gate or a locked reference fails',
  { timeout: 120_000 },
  async () => {
    const { plinth } = parse(readFileSync(join(top, 'docs/ci/plinth.gitlab-ci.yml'), 'utf8')) as {
      plinth: { script: string[]; variables: Record<string, string> };
    };
    const env = (version: string): Record<string, string> => ({
      ...plinth.variables,
      VERSION: version,
      BASELINE: 'iris@1',
    });
    const run = (version: string) => runStep({ run: plinth.script.join('\n'), env: env(version) }, ['sh', '-e', '-c']);
    expect(run('iris@1').code).toBe(1);
    await out('lock', project);
    expect(run('iris@2').code).toBe(0);
    expect(readFileSync(join(project, 'plinth-gates.md'), 'utf8')).toMatch(/^### ✅ iris@2 for production/);
    writeFileSync(join(project, 'load.py'), 'load("models:/iris/1")\n');
    expect(run('iris@2').code).toBe(76);
    writeFileSync(join(project, 'load.py'), 'load("models:/iris/2")\n');
  },
);

test.runIf(process.platform !== 'win32')(
  'the hooks for pre-commit pass and fail with what they check',
  { timeout: 120_000 },
  async () => {
    const hooks = parse(readFileSync(join(top, '.pre-commit-hooks.yaml'), 'utf8')) as { id: string; entry: string }[];
    const run = (id: string) => runStep({ run: hooks.find((one) => one.id === id)!.entry, env: {} }, ['sh', '-c']);
    await out('lock', project);
    expect([run('plinth-check').code, run('plinth-lock').code]).toEqual([0, 0]);
    const policy = readFileSync(join(project, 'plinth.yaml'), 'utf8');
    writeFileSync(join(project, 'plinth.yaml'), `${policy}odd: 1\n`);
    expect(run('plinth-check').code).not.toBe(0);
    writeFileSync(join(project, 'plinth.yaml'), policy);
  },
);

const hostile = '"/><x>\n::error::owned\u0001|`a`%0A';
const report: GateReport = {
  model: 'churn',
  number: 8,
  kind: 'stage',
  name: 'production',
  holder: 7,
  allowed: false,
  policy: null,
  gates: [{ gate: hostile, outcome: 'failed', detail: hostile }],
};

test('no text of a report ends its line, cell or element', () => {
  const xml = formatGates(report, 'junit').join('\n');
  const script =
    'import sys, xml.etree.ElementTree as e; print(e.fromstring(sys.stdin.buffer.read())[0][0][0].attrib["message"])';
  const parsed = spawnSync('python3', ['-c', script], { input: xml, encoding: 'utf8' });
  if (parsed.status !== null) expect(parsed.stdout.trimEnd()).toBe(hostile.replace('\u0001', '?'));
  const lines = formatGates(report, 'github');
  expect(lines).toHaveLength(2);
  expect(lines.filter((one) => one.includes('\n'))).toEqual([]);
  expect(lines[1]).toContain('%250A');
  expect(formatGates(report, 'markdown').filter((one) => one.includes('\n') || /(?<!\\)`/.test(one))).toEqual([]);
  expect(formatGates({ ...report, gates: [] }, 'junit').join('')).toContain('No plinth.yaml applies to this model.');
});
