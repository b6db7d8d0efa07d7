import { relative, sep } from 'node:path';
import type { Client } from '../../daemon/clients/client/request.ts';
import { artifactStates, type Artifact, type Version } from '../../daemon/protocol/model.ts';

/** A version as the registry shows it. */
export interface RegisteredVersion {
  number: number;
  /** Its main file, below the project. */
  file: string;
  /** Base names of its files. */
  names: string[];
  sha256: string[];
  framework: string;
  metrics: Version['metrics'];
  params: Version['params'];
  problems: string[];
}

/** What the registry shows of a project. */
export interface Registered {
  /** Models with their versions, oldest first. */
  models: Record<string, RegisteredVersion[]>;
  /** What became of each file, by its path below the project. */
  artifacts: Record<string, Pick<Artifact, 'state' | 'reason'>>;
  /** True when the registry knows of a running training, or the service is still working. */
  isRunning: boolean;
}

export async function readRegistered(client: Client, project: string): Promise<Registered> {
  const models: Registered['models'] = {};
  for (const { name } of await all((cursor) => client.call('GET /models', { cursor, limit: 500 })))
    models[name] = await versionsOf(client, name, project);
  const artifacts: Registered['artifacts'] = {};
  for (const state of artifactStates)
    for (const one of await all((cursor) => client.call('GET /artifacts', { state, cursor, limit: 500 })))
      artifacts[below(project, one.path)] = { state, reason: one.reason };
  const { runs } = await client.call('GET /runs', { status: 'running' });
  const { isIdle } = await client.call('GET /status', {});
  return { models, artifacts, isRunning: runs.length > 0 || !isIdle };
}

async function versionsOf(client: Client, model: string, project: string): Promise<RegisteredVersion[]> {
  const versions = await all((cursor) => client.call('GET /models/:model/versions', { model, cursor, limit: 500 }));
  const details = versions.map(async ({ number }) => {
    const request = { model, version: String(number) };
    const { version, files } = await client.call('GET /models/:model/versions/:version', request);
    return {
      number,
      file: below(project, version.source.path),
      names: files.map(({ path }) => path.split('/').at(-1) || version.primary),
      sha256: files.map(({ sha256 }) => sha256),
      framework: version.framework,
      metrics: version.metrics,
      params: version.params,
      problems: version.problems.map(({ message }) => message),
    };
  });
  return (await Promise.all(details)).toSorted((a, b) => a.number - b.number);
}

function below(project: string, path: string): string {
  return relative(project, path).split(sep).join('/');
}

async function all<T>(read: (cursor?: string) => Promise<{ items: T[]; next: string | null }>): Promise<T[]> {
  const page = await read();
  const items = [...page.items];
  for (let { next } = page; next !== null;) {
    const more = await read(next);
    items.push(...more.items);
    ({ next } = more);
  }
  return items;
}
