import { isObject } from '../../protocol/json.ts';
import { basename, dirname, join } from 'node:path';
import { parse } from 'yaml';
import { registeredSources } from '../../db/mlflow-store.ts';
import { openRegular, readWhole, statAt } from '../../runtime/file-reader.ts';
import type { Listing } from '../disk/list-folder.ts';
import { isMeaningless } from '../disk/name-words.ts';
import type { GivenName } from './types.ts';

/** Reads names from files of trackers. A file that cannot be read gives no name. */

const maxBytes = 256 * 1024;
const maxModels = 100;
const maxVersions = 200;

/**
 * Returns the artifacts that dvc.yaml (DVC, DVCLive) and artifacts.yaml (GTO) name, by absolute path. Source:
 * dvc.org/doc/user-guide/project-structure/dvcyaml-files
 */
export function dvcNames(folder: string, files: ReadonlySet<string>): Map<string, GivenName> {
  const found = new Map<string, GivenName>();
  for (const file of ['artifacts.yaml', 'dvc.yaml'].filter((name) => files.has(name))) {
    const path = join(folder, file);
    const document = yamlAt(path);
    const artifacts = file === 'dvc.yaml' && isObject(document) ? document['artifacts'] : document;
    for (const [model, one] of isObject(artifacts) ? Object.entries(artifacts) : []) {
      if (!isObject(one) || typeof one['path'] !== 'string' || (one['type'] ?? 'model') !== 'model') continue;
      found.set(join(folder, one['path']), { model, origin: { by: 'tracker', from: path } });
    }
  }
  return found;
}

/**
 * Returns the forms in which a registered model of MLflow names an artifact's folder: `m-<id>`, or
 * `<experiment>/<run>/artifacts/model`.
 */
export function storePlaces(folder: string): string[] {
  const id = /\/(m-[0-9a-f]{32})(?:\/|$)/.exec(folder)?.[1];
  const place = /\/(\d+\/[0-9a-f]{32}\/artifacts\/.+)$/.exec(folder)?.[1]?.replace(/\/$/, '');
  return [id, place].filter((one) => one !== undefined);
}

/**
 * Returns the registered models of an MLflow store in this folder, by the places of their versions, from the file store and
 * `mlflow.db`.
 */
export function mlflowNames(
  folder: string,
  { files, folders }: Listing,
  list: (path: string) => Listing | undefined,
): Map<string, GivenName> {
  const found = new Map<string, GivenName>();
  const add = (model: string, places: readonly string[], from: string): void => {
    for (const place of places.flatMap(storePlaces)) found.set(place, { model, origin: { by: 'tracker', from } });
  };
  if (files.has('mlflow.db')) {
    const path = join(folder, 'mlflow.db');
    for (const { name, places } of registeredSources(path)) add(name, places, path);
  }
  const top = join(folder, 'models');
  for (const name of folders.has('models') ? [...(list(top)?.folders ?? [])].slice(0, maxModels) : []) {
    const model = list(join(top, name));
    if (!model?.files.has('meta.yaml')) continue;
    const versions = [...model.folders].filter((one) => /^version-\d+$/.test(one)).toSorted(byNumber);
    for (const version of versions.slice(-maxVersions)) {
      const path = join(top, name, version, 'meta.yaml');
      const meta = yamlAt(path);
      if (!isObject(meta)) continue;
      const places = [meta['storage_location'], meta['source']].map((one) => (typeof one === 'string' ? one : ''));
      add(name, places, path);
    }
  }
  return found;
}

function byNumber(a: string, b: string): number {
  return Number(a.slice(a.indexOf('-') + 1)) - Number(b.slice(b.indexOf('-') + 1));
}

/**
 * Returns the model's name that MLflow's client writes beside a registered model when it downloads it; undefined for none.
 * Source: mlflow/store/artifact/models_artifact_repo.py
 */
export function mlflowMeta(folder: string): GivenName | undefined {
  const path = join(folder, 'registered_model_meta');
  const meta = statAt(path) ? yamlAt(path) : undefined;
  const model = isObject(meta) ? meta['model_name'] : undefined;
  return typeof model === 'string' && model !== '' ? { model, origin: { by: 'tracker', from: path } } : undefined;
}

/** Returns the name of the job in Hydra's run folder; undefined for none. */
export function hydraJob(folder: string): GivenName | undefined {
  const path = join(folder, '.hydra', 'hydra.yaml');
  const document = yamlAt(path);
  const hydra = isObject(document) ? document['hydra'] : undefined;
  const job = isObject(hydra) ? hydra['job'] : undefined;
  const model = isObject(job) ? job['name'] : undefined;
  return typeof model === 'string' ? { model, origin: { by: 'tracker', from: path } } : undefined;
}

/** Returns the logger's name of Lightning's run folder, `NAME/version_0`; undefined for other folders. */
export function lightningLogger(folder: string, { files, folders }: Listing): GivenName | undefined {
  const hparams = join(folder, 'hparams.yaml');
  const isRun = files.has('hparams.yaml') && (files.has('metrics.csv') || folders.has('checkpoints'));
  return isRun ? { model: basename(dirname(folder)), origin: { by: 'tracker', from: hparams } } : undefined;
}

/** Returns the model that a Hugging Face model or adapter was trained from; undefined if it names none, or a local path. */
export function pretrainedName(folder: string, files: readonly string[]): GivenName | undefined {
  const named = [
    ['adapter_config.json', 'base_model_name_or_path'],
    ['config.json', '_name_or_path'],
  ] as const;
  for (const [file, key] of named) {
    if (!files.includes(file)) continue;
    const path = join(folder, file);
    const config = yamlAt(path);
    const base = isObject(config) ? config[key] : undefined;
    if (typeof base !== 'string' || !/^[\w.-]+(\/[\w.-]+)?$/.test(base)) continue;
    const model = basename(base);
    if (!isMeaningless(model)) return { model, origin: { by: 'tracker', from: path } };
  }
  return undefined;
}

/** Parses a YAML or JSON file; undefined if it cannot be read. */
function yamlAt(path: string): unknown {
  try {
    const text = readWhole(openRegular(path), maxBytes).toString('utf8');
    return parse(text, { maxAliasCount: 10, uniqueKeys: false, logLevel: 'silent' }) as unknown;
  } catch {
    return undefined;
  }
}
