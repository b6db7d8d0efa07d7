import { basename, dirname, extname, join, relative, sep } from 'node:path';
import picomatch from 'picomatch';
import { openLinked, readWhole } from '../../runtime/file-reader.ts';
import { redacted, secretFiles } from './redact.ts';

/** A small text file as it was. */
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
/** Folders in which a run keeps how it was configured: all settings files in them count. */
const configFolders = /^(\.hydra|conf|configs?)$/i;
const settings = /\.(ya?ml|toml|json|cfg|ini|gin)$/i;
const isSecret = picomatch([...secretFiles], { nocase: true, dot: true, basename: true });

/** Where to look. */
export interface CaptureRequest {
  /** The artifact's folder, and its run's. */
  folder: string;
  run: string | null;
  top: string;
  /** The script or notebook that ran, which may lie elsewhere. */
  script: string | null;
  /** Paths of settings that its command line names. */
  named: readonly string[];
}

/**
 * What tells how to do it again: the script or notebook that ran, the settings that it was given, the configuration of the run, and
 * dependencies and configuration beside the artifact and up to `top`. Texts of at most 1 MiB from below `top`, without secrets; of a
 * notebook the code without its outputs.
 */
export function capturedFiles(
  { folder, run, top, script, named }: CaptureRequest,
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
  const rest = [...new Set(paths)].filter((path) => path !== script).slice(0, most);
  const captured = [...(ran ? [ran] : []), ...rest.flatMap((path) => capture(path, top) ?? [])];
  return [...new Map(captured.toReversed().map((one) => [one.path, one])).values()].toReversed();
}

/** JSON on a command line may as well be data. */
function isGivenSettings(path: string): boolean {
  return settings.test(path) && (!path.endsWith('.json') || configs.test(basename(path)));
}

/** Settings in a run's folders for them, and one level below: Hydra's groups have folders of their own. */
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

/** A notebook's outputs are neither code nor small, and hold whatever was printed. */
function withoutOutputs(text: string): string {
  const notebook = JSON.parse(text) as { cells?: { outputs?: unknown; execution_count?: unknown }[] };
  for (const cell of notebook.cells ?? []) {
    if ('outputs' in cell) cell.outputs = [];
    if ('execution_count' in cell) cell.execution_count = null;
  }
  return JSON.stringify(notebook, null, 1);
}
