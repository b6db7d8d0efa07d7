import { basename, dirname, extname, join, relative, sep } from 'node:path';
import picomatch from 'picomatch';
import { openLinked, readWhole, statAt } from '../../runtime/file-reader.ts';
import { redacted } from '../../secrets/redact.ts';
import { secretFiles } from './secret-files.ts';

/** A copy of a small text file. */
export interface Captured {
  /** Relative to the repository or the watched folder, with `/`. */
  path: string;
  text: string;
}

const largest = 1024 * 1024;
const most = 40;
const maxEntries = 100;

const dependencies = [
  'requirements.txt',
  'uv.lock',
  'poetry.lock',
  'Pipfile.lock',
  'pdm.lock',
  'environment.yml',
  'environment.yaml',
  'conda.yaml',
  'pyproject.toml',
  'dvc.lock',
  'dvc.yaml',
];
const configs =
  /^(config|cfg|params|parameters|hparams|hyperparams|hyperparameters|hyp|settings|args|opt|overrides|train|training)[\w.-]*\.(ya?ml|toml|json|cfg|ini|gin)$/i;
/** Folders of a run's configuration: all settings files in them are captured. */
const configFolders = /^(\.hydra|conf|configs?)$/i;
const settings = /\.(ya?ml|toml|json|cfg|ini|gin)$/i;
const isSecret = picomatch([...secretFiles], { nocase: true, dot: true, basename: true });

/** Places to search for files to capture. */
export interface CaptureRequest {
  /** Folder of the artifact, and that of its run. */
  folder: string;
  run: string | null;
  top: string;
  /** Script or notebook that ran, which may lie outside the artifact's folder. */
  script: string | null;
  /** Paths of settings that its command line names. */
  named: readonly string[];
  /** Only files that were not written after this time are captured. */
  until: number;
}

/**
 * Returns the files that are needed to repeat a training: the script or notebook, its settings, the run's configuration, and
 * dependency and configuration files in the artifact's folder and up to `top`. Text files of at most 1 MiB below `top`, without
 * secrets; notebooks without their outputs.
 */
export function capturedFiles(
  { folder, run, top, script, named, until }: CaptureRequest,
  list: (folder: string) => string[],
): Captured[] {
  const paths: string[] = [...named.filter(isGivenSettings), ...inConfigFolders(run ?? folder, list)];
  for (let at = folder; at === top || at.startsWith(top + sep); at = dirname(at)) {
    const names = list(at);
    paths.push(
      ...names.filter((name) => dependencies.includes(name) || configs.test(name)).map((name) => join(at, name)),
    );
    if (at === top) break;
  }
  const ran = script === null ? undefined : capture(script, script.startsWith(top + sep) ? top : dirname(script));
  const rest = [...new Set(paths)].filter((path) => path !== script && !isNewer(path, until)).slice(0, most);
  const captured = [...(ran ? [ran] : []), ...rest.flatMap((path) => capture(path, top) ?? [])];
  return [...new Map(captured.toReversed().map((one) => [one.path, one])).values()].toReversed();
}

function isNewer(path: string, time: number): boolean {
  return (statAt(path)?.mtimeMs ?? 0) > time;
}

/** True for a settings file that a command line names. JSON counts only by its name, as it may be data. */
function isGivenSettings(path: string): boolean {
  return settings.test(path) && (!path.endsWith('.json') || configs.test(basename(path)));
}

/** Returns the settings in a run's configuration folders and one level below, as Hydra's groups have folders of their own. */
function inConfigFolders(folder: string, list: (folder: string) => string[]): string[] {
  const groups = list(folder).filter((name) => configFolders.test(name));
  return groups.flatMap((group) => {
    const names = list(join(folder, group)).slice(0, maxEntries);
    const inner = names.flatMap((name) => list(join(folder, group, name)).map((one) => join(name, one)));
    return [...names, ...inner].filter((name) => settings.test(name)).map((name) => join(folder, group, name));
  });
}

function capture(path: string, top: string): Captured | undefined {
  if (isSecret(basename(path))) return undefined;
  try {
    const file = openLinked(path, [top]);
    const text = readWhole(file, largest).toString('utf8');
    if (isSecret(basename(file.path))) return undefined;
    if (text.includes('\0')) return undefined;
    const code = extname(path) === '.ipynb' ? withoutOutputs(text) : text;
    return { path: relative(top, path).split(sep).join('/'), text: redacted(code) };
  } catch {
    return undefined;
  }
}

/** Removes the outputs of a notebook: they are large and hold everything that was printed. */
function withoutOutputs(text: string): string {
  const notebook = JSON.parse(text) as { cells?: { outputs?: unknown; execution_count?: unknown }[] };
  for (const cell of notebook.cells ?? []) {
    if ('outputs' in cell) cell.outputs = [];
    if ('execution_count' in cell) cell.execution_count = null;
  }
  return JSON.stringify(notebook, null, 1);
}
