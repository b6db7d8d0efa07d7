import type { Context } from '../context.ts';
import type { RunRow } from '../db/tracking/runs.ts';
import { datasetsOfEach, type RunDataset } from '../db/tracking/inputs.ts';
import { pairsOf } from '../db/tracking/pairs.ts';
import type { CodeState, DataFile, Environment, Lineage, WritingProcess } from '../protocol/lineage.ts';
import type { ManifestFile } from '../protocol/model.ts';

type Tags = ReadonlyMap<string, string>;

/** Returns a version's lineage by what its run's client sent. The machine itself was not examined. Secrets are not removed yet. */
export function lineageOfRun(ctx: Context, run: RunRow, files: readonly ManifestFile[]): Lineage {
  const tags = new Map(pairsOf(ctx.db, 'runTags', run.id).map(({ key, value }) => [key, value]));
  const params = pairsOf(ctx.db, 'runParams', run.id);
  const seeds = params.filter(({ key, value }) => /seed|random_state/i.test(key) && /^-?\d{1,15}$/.test(value));
  const user = tags.get('mlflow.user') ?? run.user;
  const by = user === '' ? '' : ` of ${user}`;
  return {
    takenAt: ctx.now(),
    code: codeIn(tags),
    process: processIn(tags, run),
    environment: environmentIn(ctx, files),
    data: (datasetsOfEach(ctx.db, [run.id]).get(run.id) ?? []).map(dataFile),
    seeds: Object.fromEntries(seeds.map(({ key, value }) => [key, Number(value)])),
    captured: [],
    missing: [`All of this was sent by the MLflow client of run ${run.name}${by}; its machine was not examined.`],
  };
}

function codeIn(tags: Tags): CodeState | null {
  const commit = tags.get('mlflow.source.git.commit') ?? '';
  if (!/^[0-9a-f]{40,64}$/.test(commit)) return null;
  return {
    repository: '',
    remote: tags.get('mlflow.source.git.repoURL') ?? null,
    commit,
    branch: tags.get('mlflow.source.git.branch') ?? null,
    changed: null,
    untracked: [],
    known: 'now',
  };
}

function processIn(tags: Tags, run: RunRow): WritingProcess | null {
  const script = tags.get('mlflow.source.name');
  if (script === undefined || script === '') return null;
  const at = Math.max(script.lastIndexOf('/'), script.lastIndexOf('\\'));
  return {
    command: ['python', script],
    interpreter: 'python',
    folder: at < 0 ? '' : script.slice(0, at),
    startedAt: run.startAt || null,
    script,
    seen: 'writing',
  };
}

const maxTextBytes = 256 * 1024;

/** Returns the packages that the client wrote beside its model; null for none. */
function environmentIn(ctx: Context, files: readonly ManifestFile[]): Environment | null {
  const textOf = (name: string): string => {
    const file = files.find(({ path, size }) => path === name && size <= maxTextBytes);
    return file ? ctx.blobs.read(`sha256:${file.sha256}`).toString('utf8') : '';
  };
  const pinned = [...textOf('requirements.txt').matchAll(/^([A-Za-z0-9][\w.-]*)==([\w.+!-]+)/gm)];
  const python = /^\s*python_version: ['"]?([\d.]+)/m.exec(textOf('MLmodel'))?.[1] ?? null;
  if (pinned.length === 0 && python === null) return null;
  const packages = pinned.map(([, name = '', version = '']) => [name, version] as const);
  const sorted = packages.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { python, cuda: null, packages: Object.fromEntries(sorted), source: 'requirements.txt' };
}

function dataFile({ dataset, tags }: RunDataset): DataFile {
  const profile = recordIn(dataset.profile);
  const columns = recordIn(dataset.schema)['mlflow_colspec'];
  const rows = profile['num_rows'];
  const names = Array.isArray(columns) ? columns.map(nameOf) : null;
  const context = tags.find(({ key }) => key === 'mlflow.data.context')?.value;
  return {
    path: dataset.name,
    size: 0,
    digest: `mlflow:${dataset.digest}`,
    rows: typeof rows === 'number' ? rows : null,
    columns: names && names.every((name) => name !== '') ? names.slice(0, 1000) : null,
    named: `${context ?? 'input'} of the run`,
  };
}

function nameOf(column: unknown): string {
  const name = typeof column === 'object' && column !== null && 'name' in column ? column.name : undefined;
  return typeof name === 'string' ? name : '';
}

function recordIn(text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
