import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import type { ForeignModel, ForeignRun, ForeignStore, ForeignVersion } from '../../db/mlflow-store.ts';
import type { Source } from '../../formats/source.ts';
import { openWithin, readWhole, statAt } from '../../runtime/file-reader.ts';
import { readMlflowRun, type RunFolder } from '../run-logs/readers/mlruns.ts';
import { openSource, type FileSource } from '../artifact/file-source.ts';

type Meta = Record<string, unknown>;

const maxMetaBytes = 64 * 1024;

/**
 * Reads MLflow's file store, the folder `mlruns`: registered models in `models/<name>`, runs in `<experiment>/<run>`.
 * Source: mlflow/store/model_registry/file_store.py and mlflow/store/tracking/file_store.py
 */
export function readMlflowFolder(folder: string): ForeignStore {
  const top = join(folder, 'models');
  const models = foldersIn(top).flatMap((name) => modelIn(join(top, name), folder) ?? []);
  const runs = new Map<string, ForeignRun>();
  for (const experiment of foldersIn(folder).filter((name) => /^\d+$/.test(name))) {
    for (const name of foldersIn(join(folder, experiment))) {
      const run = runIn(join(folder, experiment, name), folder);
      if (run) runs.set(run.id, run);
    }
  }
  return { models, runs };
}

function modelIn(folder: string, store: string): ForeignModel | undefined {
  const meta = metaIn(folder);
  if (!meta) return undefined;
  const numbers = foldersIn(folder).flatMap((name) => /^version-(\d+)$/.exec(name)?.[1] ?? []);
  const versions = numbers.map(Number).toSorted((a, b) => a - b);
  return {
    name: text(meta['name']) || basename(folder),
    description: text(meta['description']),
    createdAt: Number(meta['creation_timestamp'] ?? 0),
    tags: valuesIn(join(folder, 'tags')),
    versions: versions.flatMap((number) => versionIn(join(folder, `version-${number}`), number, store) ?? []),
    aliases: Object.entries(valuesIn(join(folder, 'aliases'))).map(([alias, version]) => ({
      alias,
      version: Number(version),
    })),
  };
}

function versionIn(folder: string, number: number, store: string): ForeignVersion | undefined {
  const meta = metaIn(folder);
  if (!meta) return undefined;
  const source = text(meta['source']);
  const id = /^models:\/(m-[0-9a-f]+)$/.exec(source)?.[1] ?? text(meta['model_id']);
  const logged = foldersIn(store)
    .map((experiment) => join(store, experiment, 'models', id, 'artifacts'))
    .filter((path) => id !== '' && isFolder(path));
  return {
    number,
    createdAt: Number(meta['creation_timestamp'] ?? 0),
    description: text(meta['description']),
    tags: valuesIn(join(folder, 'tags')),
    stage: text(meta['current_stage']) || 'None',
    locations: [...logged, text(meta['storage_location']), source].filter((one) => one !== ''),
    runId: text(meta['run_id']) || null,
  };
}

function runIn(folder: string, store: string): ForeignRun | undefined {
  const opened: FileSource[] = [];
  const open = (file: string): Source | undefined => {
    try {
      const source = openSource(join(folder, file), store);
      opened.push(source);
      return source;
    } catch {
      return undefined;
    }
  };
  const view: RunFolder = {
    list: (inner) => ({ files: filesIn(join(folder, inner)), folders: foldersIn(join(folder, inner)) }),
    open,
  };
  try {
    const run = readMlflowRun(view);
    if (!run || run.deleted || run.runId === null) return undefined;
    const { status, params, series } = run.values;
    const entries = Object.entries(series).map(([name, points]) => [
      name,
      points.map(([step, time, value]) => [step ?? 0, time ?? 0, value]),
    ]);
    return {
      id: run.runId,
      name: run.name ?? run.runId.slice(0, 8),
      status: status === null || status === undefined ? 'finished' : status,
      startedAt: run.startedAt ?? 0,
      endedAt: run.endedAt,
      params: Object.fromEntries(
        Object.entries(params).map(([name, value]) => [
          name,
          typeof value === 'string' ? value : JSON.stringify(value),
        ]),
      ),
      tags: Object.fromEntries(run.tags),
      series: Object.fromEntries(entries) as ForeignRun['series'],
    };
  } finally {
    for (const source of opened) source.close();
  }
}

function metaIn(folder: string): Meta | undefined {
  try {
    const text = textIn(folder, 'meta.yaml');
    const meta: unknown = parse(text, { maxAliasCount: 10, uniqueKeys: false, logLevel: 'silent' });
    return typeof meta === 'object' && meta !== null ? (meta as Meta) : undefined;
  } catch {
    return undefined;
  }
}

function valuesIn(folder: string): Record<string, string> {
  return Object.fromEntries(
    filesIn(folder).flatMap((name) => {
      try {
        return [[name, textIn(folder, name).trim()]];
      } catch {
        return [];
      }
    }),
  );
}

function textIn(folder: string, name: string): string {
  return readWhole(openWithin(join(folder, name), folder), maxMetaBytes).toString('utf8');
}

function filesIn(folder: string): string[] {
  return entriesIn(folder, (entry) => entry.isFile());
}

function foldersIn(folder: string): string[] {
  return entriesIn(folder, (entry) => entry.isDirectory());
}

function entriesIn(
  folder: string,
  wanted: (entry: { isFile(): boolean; isDirectory(): boolean }) => boolean,
): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter(wanted)
      .map(({ name }) => name)
      .toSorted();
  } catch {
    return [];
  }
}

function isFolder(path: string): boolean {
  return statAt(path)?.isDirectory() === true;
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
