import { mkdirSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commandLine, irisOutputs, samples } from './plinth.ts';

const { folder, json } = commandLine();
irisOutputs(folder);
mkdirSync(join(folder, 'watched'));
cpSync(join(samples, 'sklearn/diabetes-pickle/model_v1.pkl'), join(folder, 'watched/model_v1.pkl'));

test(
  'every command prints its reply as JSON: those that change something, then those that only look',
  { timeout: 90_000 },
  async () => {
    const registered = (await json('register', 'outputs/v1/model.joblib', '--model', 'iris')) as { created: boolean };
    expect(registered.created).toBe(true);
    await json('register', 'outputs/v2/model.joblib', '--model', 'iris');
    expect(await json('promote', 'iris@1', 'staging')).toMatchObject({
      changed: true,
      from: null,
      to: 1,
      name: 'staging',
    });
    await json('promote', 'iris@2', 'staging');
    expect(await json('rollback', 'iris', 'staging')).toMatchObject({ cause: 'rollback', from: 2, to: 1 });
    expect(await json('alias', 'iris@2', 'canary')).toMatchObject({ kind: 'alias', name: 'canary', to: 2 });
    expect(await json('undo')).toMatchObject({ type: 'pointer.moved/1' });
    expect(await json('restore', 'iris@2')).toMatchObject({ name: 'development' });
    expect(await json('archive', 'iris@2')).toMatchObject({ name: 'archived' });
    expect(await json('describe', 'iris', 'flowers')).toHaveProperty('seq');
    expect(await json('describe', 'iris@1', 'the first')).toHaveProperty('seq');
    expect(await json('tag', 'iris@1', 'owner=ana')).toHaveProperty('seq');
    expect(await json('comment', 'iris@1', 'looks good')).toHaveProperty('seq');
    expect(await json('attach', 'iris@1', 'outputs/v2/metrics.json')).toMatchObject({ source: 'metrics.json' });
    expect(await json('move', 'iris@2', 'petals')).toMatchObject({ version: { model: 'petals', number: 1 } });
    expect(await json('rename', 'petals', 'sepals')).toHaveProperty('hash');
    const renamed = (await json('rename', 'sepals', 'leaves')) as { seq: number };
    expect(await json('undo')).toMatchObject({ undone: renamed.seq });
    expect(await json('undo')).toMatchObject({ undone: renamed.seq - 1 });
    await json('rename', 'petals', 'sepals');
    expect(await json('delete', 'sepals@1')).toHaveProperty('until');
    expect(await json('ignore', '**/scratch/**')).toHaveProperty('seq');
    expect(await json('watch', 'watched')).toMatchObject({ path: join(folder, 'watched') });
    expect(await json('scan', 'watched')).toMatchObject({ roots: [{ path: join(folder, 'watched') }] });

    const looks: [string[], object][] = [
      [['ls'], { items: [{ name: 'iris' }], next: null }],
      [['ls', 'iris', '--all'], { items: [{ number: 2 }, { number: 1, tags: { owner: 'ana' } }] }],
      [['ls', '--waiting'], { items: [] }],
      [['show', 'iris'], { description: 'flowers' }],
      [['show', 'iris@1'], { version: { description: 'the first' }, comments: [{ text: 'looks good' }] }],
      [['diff', 'iris@1', 'sepals@1'], { versions: ['iris@1', 'sepals@1'] }],
      [['history', 'iris', '--limit', '3'], { items: [{}, {}, {}] }],
      [['holders', 'iris'], { pointers: expect.any(Array) }],
      [['events', '--limit', '2'], { items: [{}, {}] }],
      [['ignore'], { patterns: ['**/scratch/**'] }],
      [['why', 'outputs/v1/metrics.json'], { artifact: null }],
      [['path', 'iris@1'], { path: expect.stringContaining('model.joblib') }],
      [['verify'], { ok: true, faults: [] }],
      [['status'], { readOnly: null, roots: [{ path: join(folder, 'watched') }] }],
    ];
    await json('undo');
    const replies = await Promise.all(looks.map(([args]) => json(...args)));
    for (const [at, [, expected]] of looks.entries()) {
      const reply = replies[at] as { items?: { name?: string }[] };
      if (at === 0) expect(reply.items?.map((model) => model.name)).toContain('iris');
      else expect(reply).toMatchObject(expected);
    }
    expect(await json('unwatch', 'watched')).toHaveProperty('seq');
    expect(await json('stop')).toEqual({ stopping: true });
  },
);
