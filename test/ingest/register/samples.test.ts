import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../../../daemon/clients/client/request.ts';
import { connect } from '../../../daemon/clients/client/request.ts';
import { configure } from '../../../daemon/config.ts';
import { startDaemon, type Daemon } from '../../../daemon/daemon.ts';
import { defaultTiming } from '../../../daemon/runtime/timing.ts';
import { silent } from '../../../daemon/log.ts';
import type { Artifact, ArtifactState, Version } from '../../../daemon/protocol/model.ts';
import { samples, untilIdle } from '../../support/daemon.ts';

/** The expected result for a sample, found by reading the sample. Paths are relative to it. */
interface Expected {
  versions: {
    model: string;
    primary: string;
    files: string[];
    framework?: string;
    metrics?: Record<string, number>;
  }[];
  candidates?: string[];
  others?: { path: string; state: ArtifactState }[];
}

const names = readdirSync(samples).filter((name) => existsSync(join(samples, name, 'registered.json')));

function expected(sample: string): Expected {
  return JSON.parse(readFileSync(join(samples, sample, 'registered.json'), 'utf8')) as Expected;
}

/** A busy machine may report the later of two saves with the same bytes first, and it is the version then. */
function inOrderOfDecision(wanted: Expected, isVersion: (path: string) => boolean): Expected {
  const twin = wanted.others?.find(({ path, state }) => state === 'duplicate' && isVersion(path))?.path;
  const [version] = wanted.versions;
  if (twin === undefined || wanted.versions.length !== 1 || !version) return wanted;
  const [one, other] = [dirname(version.primary), dirname(twin)];
  const swap = (path: string): string => (path.startsWith(`${one}/`) ? other + path.slice(one.length) : path);
  return {
    ...wanted,
    versions: [{ ...version, primary: twin, files: version.files.map(swap) }],
    others: wanted.others?.map((two) => (two.path === twin ? { ...two, path: version.primary } : two)) ?? [],
  };
}

interface Outcome {
  root: string;
  versions: { version: Version; files: string[] }[];
  artifacts: Artifact[];
}

const timing = { ...defaultTiming, runQuietMs: 2500 };

/** Returns all samples below one root, and the result for each once everything is decided. */
async function outcome(client: Client, root: string): Promise<Outcome> {
  await untilIdle({ client }, 60_000);
  const { items } = await client.call('GET /models', { limit: 500 });
  const versions = [];
  for (const model of items) {
    const page = await client.call('GET /models/:model/versions', { model: model.name, limit: 500 });
    for (const version of page.items) {
      const detail = await client.call('GET /models/:model/versions/:version', {
        model: model.name,
        version: String(version.number),
      });
      versions.push({ version, files: detail.files.map((file) => file.path) });
    }
  }
  const states: ArtifactState[] = ['candidate', 'duplicate', 'ignored', 'waiting', 'unreadable', 'found'];
  const pages = await Promise.all(states.map((state) => client.call('GET /artifacts', { state, limit: 500 })));
  return { root, versions, artifacts: pages.flatMap((page) => page.items) };
}

describe.each(['already there when the folder is first watched', 'copied while the folder is watched'])('%s', (way) => {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-samples-'));
  const root = join(folder, 'root');
  let daemon: Daemon;
  let found: Outcome;

  beforeAll(async () => {
    mkdirSync(root);
    daemon = await startDaemon(configure({ version: '0', dataFolder: join(folder, 'data'), timing }), silent);
    const client = connect(daemon.file, 'test');
    // spaCy's trainer writes its last pipeline after its best one, which has the same bytes here. Only the first one is a version.
    const copy = (): void => {
      for (const isWritten of [(path: string) => !/[\\/]model-last$/.test(path), () => true])
        for (const name of names)
          cpSync(join(samples, name), join(root, name), {
            recursive: true,
            force: false,
            filter: (path) => !/(expected|registered)\.json$/.test(path) && isWritten(path),
          });
    };
    if (way.startsWith('already')) copy();
    await client.call('POST /roots', { path: root });
    if (!way.startsWith('already')) copy();
    found = await outcome(client, root);
  }, 90_000);

  afterAll(async () => {
    await daemon.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(names)('%s becomes the versions and candidates that its registered.json tells', (sample) => {
    const base = join(root, sample);
    const wanted = inOrderOfDecision(expected(sample), (path) =>
      found.versions.some(({ version }) => version.source.path === join(base, path)),
    );
    const within = (path: string): boolean => path.startsWith(`${base}/`);
    const versions = found.versions.filter(({ version }) => within(version.source.path));
    const made = versions.map(({ version, files }) => {
      const primary = relative(base, version.source.path);
      const top = primary.slice(0, primary.length - version.primary.length);
      return {
        model: version.model,
        primary,
        files: files.map((file) => (file === '' ? primary : top + file)).toSorted(),
      };
    });
    const inOrder = (a: { primary: string }, b: { primary: string }): number => (a.primary < b.primary ? -1 : 1);
    const told = wanted.versions.map(({ model, primary, files }) => ({ model, primary, files: files.toSorted() }));
    expect(made.toSorted(inOrder)).toEqual(told.toSorted(inOrder));
    const artifacts = found.artifacts.filter((artifact) => within(artifact.path));
    const candidates = artifacts
      .filter((artifact) => artifact.state === 'candidate')
      .map((artifact) => relative(base, artifact.path));
    expect(candidates.toSorted()).toEqual((wanted.candidates ?? []).toSorted());
    const others = artifacts
      .filter((artifact) => artifact.state !== 'candidate')
      .map(({ path, state }) => `${relative(base, path)} ${state}`);
    expect(others.toSorted()).toEqual((wanted.others ?? []).map(({ path, state }) => `${path} ${state}`).toSorted());
    for (const { primary, framework, metrics } of wanted.versions) {
      const version = versions.find((one) => relative(base, one.version.source.path) === primary)?.version;
      if (framework !== undefined) expect([primary, version?.framework]).toEqual([primary, framework]);
      for (const [name, value] of Object.entries(metrics ?? {}))
        expect([primary, name, version?.metrics[name]]).toEqual([primary, name, expect.closeTo(value, 5)]);
    }
  });
});
