import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { TestContext } from 'vitest';
import { temporary, type TestService } from '../../support/daemon.ts';
import { mlflowPython } from '../../mlflow/python.ts';

export const packageFolder = join(import.meta.dirname, '..', '..', '..', 'daemon', 'clients', 'python');

export interface Ran {
  code: number | null;
  out: string;
  err: string;
}

/** Reports a test as not run. */
export function notRun(context: TestContext, reason: string): never {
  Object.assign(context.task.meta, { reason });
  return context.skip(reason);
}

let bare: { python: string } | { reason: string } | undefined;

/** Returns a virtual environment of Python without any package. Where that cannot be made, the test is reported as not run. */
export function barePython(context: TestContext): string {
  bare ??= makeEnvironment();
  return 'reason' in bare ? notRun(context, bare.reason) : bare.python;
}

/** Makes an environment for the tests of this process. */
function makeEnvironment(): { python: string } | { reason: string } {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-python-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const { status, error } = spawnSync('python3', ['-m', 'venv', '--without-pip', folder]);
  if (status !== 0) return { reason: error ? 'there is no python3' : 'this python3 has no venv' };
  return { python: interpreterIn(folder) };
}

/** Returns a Python with scikit-learn, joblib and pandas. Where it cannot be made, the test is reported as not run. */
export function pythonWithLibraries(context: TestContext): string {
  const found = mlflowPython();
  return 'reason' in found ? notRun(context, found.reason) : found.python;
}

export function interpreterIn(folder: string): string {
  const unix = join(folder, 'bin', 'python');
  return existsSync(unix) ? unix : join(folder, 'Scripts', 'python.exe');
}

/** The variables with which the package finds a test's service. */
export function environmentOf({ folder }: Pick<TestService, 'folder'>): Record<string, string> {
  return { PLINTH_DATA: join(folder, 'data') };
}

/** Defines `refusal(call)`, which returns code and sentence of what a call raises. */
const prelude = `
import json, plinth
def show(value): print("SHOW " + json.dumps(value))
def refusal(call):
    try:
        call()
    except plinth.PlinthError as error:
        return [error.code, str(error)]
    return None
`;

/** Runs a script with the package, and without the variables of who runs the tests. */
export function runScript(python: string, script: string, env: Record<string, string> = {}): Promise<Ran> {
  const { PLINTH_DATA: _data, PLINTH_TOKEN: _token, PLINTH_URL: _url, PYTHONHOME: _home, ...kept } = process.env;
  const own = { PYTHONPATH: packageFolder, PYTHONDONTWRITEBYTECODE: '1', PYTHONIOENCODING: 'utf-8' };
  return new Promise((resolve) => {
    const child = spawn(python, ['-c', prelude + script], { cwd: temporary(), env: { ...kept, ...own, ...env } });
    let out = '';
    let err = '';
    child.stdout.on('data', (part: Buffer) => (out += part.toString()));
    child.stderr.on('data', (part: Buffer) => (err += part.toString()));
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

/** Runs a script that must succeed. Returns what it passed to `show`, in order. */
export async function shown(python: string, script: string, env: Record<string, string> = {}): Promise<unknown[]> {
  const { code, out, err } = await runScript(python, script, env);
  if (code !== 0) throw new Error(`the script left with ${code}: ${err}`);
  const lines = out.split('\n').filter((line) => line.startsWith('SHOW '));
  return lines.map((line) => JSON.parse(line.slice('SHOW '.length)) as unknown);
}

/** Returns PATH with a folder before it, and without every folder that has the command `plinth`. */
export function pathWith(...first: string[]): string {
  const others = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !existsSync(join(folder, 'plinth')));
  return [...first, ...others, dirname(process.execPath)].join(delimiter);
}
