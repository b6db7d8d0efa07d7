import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** MLflow's client, and the packages of the flow test. */
const forFlow = ['mlflow==3.17.2', 'scikit-learn==1.9.1'];
/** Libraries of every flavour that a version can be loaded with. They take some gigabytes. */
export const forFlavors = [
  ...forFlow,
  'torch==2.9.1',
  'transformers==5.24.0',
  'keras==3.15.1',
  'h5py==3.16.0',
  'xgboost==3.2.0',
  'lightgbm==4.7.0',
  'onnx==1.23.2',
  'onnxruntime==1.32.0',
  'skops==0.16.0',
];

/**
 * The clients that a day of calls is made with, and the libraries they log. An older client needs an older tracer. On Linux torch
 * brings CUDA: 8 GB.
 */
export const forDay = {
  '3.17': [
    ...forFlow,
    'xgboost==3.2.0',
    'lightgbm==4.7.0',
    'torch==2.9.1',
    'keras==3.15.1',
    'statsmodels==0.15.0',
    'lightning==2.6.6',
    'openai==2.47.0',
  ],
  '2.22': ['mlflow==2.22.0', 'opentelemetry-sdk==1.33.1', 'xgboost==3.2.0', 'lightgbm==4.7.0'],
} as const;

/** Returns the interpreter of a virtual environment with the pinned packages, which is created when missing, or the reason that there is none. */
export function mlflowPython(pinned = forFlow, timeout = 300_000): { python: string } | { reason: string } {
  const folder = join(import.meta.dirname, '..', '..', '.cache', folderName(pinned));
  const python = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const done = join(folder, 'complete');
  if (existsSync(done)) return { python };
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, '..'), { recursive: true });
  if (spawnSync('python3', ['-m', 'venv', folder]).status !== 0) return { reason: 'there is no python3 with venv' };
  // Python compiles what is imported; pip would compile all that the libraries hold.
  const install = ['-m', 'pip', 'install', '--quiet', '--no-compile', ...pinned];
  const pip = spawnSync(python, install, { encoding: 'utf8', timeout });
  const isLate = pip.error !== undefined && 'code' in pip.error && pip.error.code === 'ETIMEDOUT';
  const why = isLate ? `it did not end in ${timeout / 1000} s` : pip.stderr.slice(-200).trim();
  if (pip.status !== 0) return { reason: `pip could not install ${pinned.join(' ')}: ${why}` };
  writeFileSync(done, '');
  return { python };
}

/**
 * Returns a folder name for the pins. When they are too long for a file name it uses their digest, so that a changed pin never
 * finds the old libraries.
 */
function folderName(pinned: readonly string[]): string {
  const name = `mlflow-${pinned.join('-').replaceAll(/[^\w.]+/g, '-')}`;
  if (name.length <= 120) return name;
  return `${name.slice(0, 100)}-${createHash('sha256').update(name).digest('hex').slice(0, 12)}`;
}

/** Runs a script. Resolves with its exit code and output. `hear` is called with each line at once. */
export function runPython(
  python: string,
  args: readonly string[],
  env: Record<string, string>,
  hear?: (line: string) => void,
): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(python, args, { env: { ...process.env, ...env } });
    let out = '';
    let err = '';
    child.stdout.on('data', (part: Buffer) => (out += part.toString()));
    if (hear) createInterface({ input: child.stdout }).on('line', hear);
    child.stderr.on('data', (part: Buffer) => (err += part.toString()));
    child.on('close', (code) => resolve({ code, out, err }));
  });
}
