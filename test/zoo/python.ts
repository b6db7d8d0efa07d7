import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Libraries that are installed within a minute. */
const light = [
  'scikit-learn==1.9.1',
  'xgboost-cpu==3.2.0',
  'lightgbm==4.7.0',
  'catboost==1.2.10',
  'optuna==5.0.0',
  'hydra-core==1.3.8',
  'joblib==1.6.0',
  'pandas==3.1.1',
  'dvclive==3.49.1',
  'nbclient==0.11.0',
  'ipykernel==7.4.0',
  'skops==0.16.0',
] as const;

/** Sets of libraries: `logged` are the light ones with MLflow beside them, `heavy` ones take some gigabytes, `beside` are for test/beside. */
export const libraries = {
  python: [],
  light,
  logged: [...light, 'mlflow==3.17.2'],
  heavy: [
    'torch==2.9.1',
    'torchvision==0.24.1',
    'lightning==2.6.6',
    'transformers==5.24.0',
    'accelerate==1.15.0',
    'keras==3.15.1',
    'h5py==3.16.0',
    'sentence-transformers==6.2.0',
    'spacy==3.8.18',
    'fastai==2.8.12',
    'ultralytics==8.4.190',
    'ray[tune]==2.60.0',
    'tensorboard==2.21.0',
    'mlflow==3.17.2',
    'scikit-learn==1.9.1',
    'dvclive==3.49.1',
  ],
  beside: ['mlflow==3.17.2', 'trackio==0.43.0', 'scikit-learn==1.9.1', 'matplotlib==3.11.2'],
} as const;

export type Needs = keyof typeof libraries;

/** Returns the search path for programs on which `python` has the libraries, which are installed when missing, or the reason that they cannot be. */
export function pathWith(needs: Needs, mayInstall = true): { path: string } | { reason: string } {
  const rest = process.env['PATH'] ?? '';
  if (process.platform !== 'linux') return { reason: 'the zoo runs on Linux, where processes can be seen' };
  if (needs === 'python') {
    const isThere = spawnSync('python3', ['--version']).status === 0;
    return isThere ? { path: rest } : { reason: 'there is no python3' };
  }
  const pinned: readonly string[] = libraries[needs];
  const folder = join(import.meta.dirname, '..', '..', '.cache', `zoo-${needs}`);
  const path = [join(folder, 'bin'), rest].join(delimiter);
  const done = join(folder, 'complete');
  if (existsSync(done) && readFileSync(done, 'utf8') === pinned.join('\n')) return { path };
  if (!mayInstall) return { reason: `its libraries are not installed: npm run zoo installs them` };
  const reason = failed.get(needs) ?? install(folder, pinned);
  if (reason !== undefined) {
    failed.set(needs, reason);
    return { reason };
  }
  writeFileSync(done, pinned.join('\n'));
  return { path };
}

/** A failed installation is not tried again for the next script. */
const failed = new Map<Needs, string>();

/** Returns undefined when everything is installed, otherwise the reason that it is not. Uses again what an earlier list of libraries installed. */
function install(folder: string, pinned: readonly string[]): string | undefined {
  mkdirSync(join(folder, '..'), { recursive: true });
  if (spawnSync('python3', ['-m', 'venv', folder]).status !== 0) return 'there is no python3 with venv';
  const options = { encoding: 'utf8', timeout: 1_800_000 } as const;
  const pip = spawnSync(join(folder, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', ...pinned], options);
  if (pip.status === 0) return undefined;
  return `pip could not install ${pinned.join(' ')}: ${pip.stderr.slice(-200).trim()}`;
}
