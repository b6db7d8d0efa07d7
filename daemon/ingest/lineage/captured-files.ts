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
const most = 30;

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
const configs = /^(config|params|hparams|train|training)[\w.-]*\.(ya?ml|toml|json|cfg|ini)$/i;
const isSecret = picomatch([...secretFiles], { nocase: true, dot: true, basename: true });

/**
 * What tells how to do it again: the dependencies and configuration beside the artifact and up to `top`, and the script
 * or notebook that ran. Texts of at most 1 MiB from below `top`, without secrets; of a notebook the code without its outputs.
 */
export function capturedFiles(
  folder: string,
  top: string,
  script: string | null,
  list: (folder: string) => string[],
): Captured[] {
  const paths: string[] = [];
  for (let at = folder; at === top || at.startsWith(top + sep); at = dirname(at)) {
    const names = list(at);
    paths.push(
      ...names.filter((name) => dependencies.includes(name) || configs.test(name)).map((name) => join(at, name)),
    );
    if (at === top) break;
  }
  if (script !== null && script.startsWith(top + sep)) paths.push(script);
  const unique = [...new Set(paths)].slice(0, most);
  return unique.flatMap((path) => capture(path, top) ?? []);
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
