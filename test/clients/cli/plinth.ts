import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';
import { mainScript } from '../../support/program.ts';

export const samples = join(import.meta.dirname, '../../fixtures/samples');

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** The real command line on a data folder of its own. */
export interface CommandLine {
  folder: string;
  data: string;
  run(...args: string[]): Promise<Outcome>;
  /** Runs a command with further variables. */
  as(env: Record<string, string>, ...args: string[]): Promise<Outcome>;
  /** Runs a command that must succeed and returns its standard output. */
  out(...args: string[]): Promise<string>;
  /** Runs a command that must succeed with `--json` and returns what it prints. */
  json(...args: string[]): Promise<unknown>;
}

/** A command line for all tests of a file. Its service is stopped and its folder removed after them. */
export function commandLine(env: Record<string, string> = {}): CommandLine {
  const made = openCommandLine(env);
  afterAll(() => end(made));
  return made;
}

/** A command line for one test. Its service is stopped and its folder removed when the test ends. */
export function commandLineOfTest(env: Record<string, string> = {}): CommandLine {
  const made = openCommandLine(env);
  onTestFinished(() => end(made));
  return made;
}

async function end({ folder, run }: CommandLine): Promise<void> {
  await run('stop');
  rmSync(folder, { recursive: true, force: true });
}

function openCommandLine(env: Record<string, string>): CommandLine {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'plinth-cli-')));
  const data = join(folder, 'data');
  const run = (...args: string[]): Promise<Outcome> => plinth(args, folder, { PLINTH_DATA: data, ...env });
  const out = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(...args);
    if (code !== 0) throw new Error(`plinth ${args.join(' ')} left with ${code}: ${stderr}`);
    return stdout;
  };
  const as = (more: Record<string, string>, ...args: string[]): Promise<Outcome> =>
    plinth(args, folder, { PLINTH_DATA: data, ...env, ...more });
  return { folder, data, run, as, out, json: async (...args) => JSON.parse(await out(...args, '--json')) as unknown };
}

function plinth(args: string[], cwd: string, env: Record<string, string>): Promise<Outcome> {
  const cache = { NODE_COMPILE_CACHE: join(tmpdir(), 'plinth-compile-cache') };
  const options = { cwd, env: { ...process.env, ...cache, ...env }, encoding: 'utf8' as const };
  return new Promise((resolve) => {
    execFile(process.execPath, [mainScript, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr });
    });
  });
}

/** Writes three versions of one scikit-learn model, as a training script left them: `outputs/v1 … v3`. */
export function irisOutputs(folder: string): string {
  const outputs = join(folder, 'outputs');
  cpSync(join(samples, 'sklearn/iris-script/outputs'), outputs, { recursive: true });
  return outputs;
}
