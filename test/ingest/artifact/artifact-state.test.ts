import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Context } from '../../../daemon/context.ts';
import { Artifacts, transitions } from '../../../daemon/ingest/artifact/artifact-state.ts';
import { artifactStates, type ArtifactState } from '../../../daemon/protocol/model.ts';
import type { StreamMessage } from '../../../daemon/protocol/stream.ts';
import { startService } from '../../support/daemon.ts';

interface Fresh {
  artifacts: Artifacts;
  published: StreamMessage[];
  /** Writes a row in a state. */
  at(state: ArtifactState, fingerprint: string): string;
}

async function fresh(): Promise<Fresh> {
  const service = await startService();
  const published: StreamMessage[] = [];
  const context: Context = service.daemon.context;
  const artifacts = new Artifacts({ db: context.db, now: context.now, publish: (message) => published.push(message) });
  let made = 0;
  const at = (state: ArtifactState, fingerprint: string): string => {
    const path = join(service.out, `${(made += 1)}.pt`);
    artifacts.transition(path, state, 'a reason', { root: service.out, fingerprint });
    return path;
  };
  return { artifacts, published, at };
}

test('files that stay as they are go only where the table says', async () => {
  const { artifacts, published, at } = await fresh();
  const pairs = artifactStates.flatMap((from) => artifactStates.map((to) => ({ from, to })));
  for (const { from, to } of pairs) {
    const path = at(from, 'the same');
    published.length = 0;
    const go = (): unknown => artifacts.transition(path, to, 'another reason', { root: '/', fingerprint: 'the same' });
    if (transitions[from].includes(to)) expect(go(), `${from} to ${to}`).toMatchObject({ path, state: to });
    else expect(go, `${from} to ${to}`).toThrow(`${path} cannot go from ${from} to ${to}`);
    const isAllowed = transitions[from].includes(to);
    expect(artifacts.get(path)?.state).toBe(isAllowed ? to : from);
    expect(published).toHaveLength(isAllowed ? 1 : 0);
  }
});

test('an artifact without a row, and one whose files changed, may get any state', async () => {
  const { artifacts, at } = await fresh();
  for (const from of artifactStates)
    for (const to of artifactStates) {
      const path = at(from, 'before');
      artifacts.transition(path, to, 'written again', { root: '/', fingerprint: 'after' });
      expect(artifacts.get(path)).toMatchObject({ state: to, fingerprint: 'after', reason: 'written again' });
    }
});

test('a decision stands while its files stay as they are', async () => {
  const { artifacts, at } = await fresh();
  for (const state of artifactStates) {
    const path = at(state, 'the same');
    const isDecided = ['candidate', 'registered', 'duplicate'].includes(state);
    expect(artifacts.isDecided(path, 'the same'), state).toBe(isDecided);
    expect(artifacts.isDecided(path, 'another'), state).toBe(false);
    for (const open of ['found', 'unreadable'] as const)
      expect(transitions[state].includes(open), `${state} to ${open}`).toBe(!isDecided);
  }
});

test('of many transitions none is made when one of them is refused', async () => {
  const { artifacts, at } = await fresh();
  const open = at('waiting', 'the same');
  const closed = at('registered', 'the same');
  const to = (path: string): Parameters<Artifacts['transitionAll']>[0][number] => ({
    path,
    state: 'found',
    reason: 'existing file',
    details: { root: '/', fingerprint: 'the same' },
  });
  expect(() => artifacts.transitionAll([to(open), to(closed)])).toThrow('cannot go from registered to found');
  expect(artifacts.get(open)?.state).toBe('waiting');
  artifacts.transitionAll([to(open)]);
  expect(artifacts.get(open)?.state).toBe('found');
  artifacts.forget(open);
  expect(artifacts.get(open)).toBeUndefined();
});
