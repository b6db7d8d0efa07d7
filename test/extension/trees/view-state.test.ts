import { expect, test } from 'vitest';
import { apply, nothing, type Change, type Mirror, type Phase } from '../../../extension/mirror/reducer.ts';
import { viewStateOf } from '../../../extension/trees/view-state.ts';
import { artifact, model, now, root, run, status } from '../../support/models.ts';

function mirror(phase: Phase, ...changes: Change[]): Mirror {
  return changes.reduce(apply, apply(nothing, { kind: 'phase', phase, problem: null }));
}

const atRest = { isUnderWay: false };
const underWay = { isUnderWay: true };
const watched = (change: Parameters<typeof root>[0]): Change => ({
  kind: 'status',
  status: status({ roots: [root(change)] }),
});

test('nothing is said to be stopped while the service is about to start', () => {
  expect(viewStateOf(mirror('stopped'), '', underWay)).toBe('starting');
  expect(viewStateOf(mirror('unknown'), '', underWay)).toBe('starting');
  expect(viewStateOf(mirror('starting'), '', atRest)).toBe('starting');
  expect(viewStateOf(mirror('stopped'), '', atRest)).toBe('stopped');
  expect(viewStateOf(mirror('failed'), '', underWay)).toBe('failed');
});

test('nothing is said to be missing while the folders of the workspace are being added', () => {
  const empty = mirror('running', { kind: 'status', status: status({ roots: [] }) });
  expect(viewStateOf(empty, '', underWay)).toBe('looking');
  expect(viewStateOf(empty, '', atRest)).toBe('empty');
});

test('a watched folder has no models only after it was read and what was found there was handled', () => {
  expect(viewStateOf(mirror('running', watched({ lastScanAt: null })), '', atRest)).toBe('looking');
  const read = mirror('running', watched({ lastScanAt: now }));
  expect(viewStateOf(read, '', atRest)).toBe('watching');
  const waiting = [artifact({ state: 'waiting' })];
  const settling = apply(read, { kind: 'artifacts', candidates: [], waiting, found: [] });
  expect(viewStateOf(settling, '', atRest)).toBe('looking');
  const deciding = (change: Parameters<typeof status>[0]): Mirror =>
    mirror('running', {
      kind: 'status',
      status: status({ roots: [root({ lastScanAt: now })], isIdle: false, ...change }),
    });
  expect(viewStateOf(deciding({}), '', atRest)).toBe('looking');
  expect(viewStateOf(deciding({ runs: [run()] }), '', atRest)).toBe('watching');
  const paused = mirror('running', watched({ state: 'paused', lastScanAt: null }));
  expect(viewStateOf(paused, '', atRest)).toBe('watching');
});

test('existing models that nobody registered are offered', () => {
  const found = [artifact({ state: 'found' })];
  const read = mirror('running', watched({ lastScanAt: now }), {
    kind: 'artifacts',
    candidates: [],
    waiting: [],
    found,
  });
  expect(viewStateOf(read, '', atRest)).toBe('found');
});

test('with models the tree is shown, or that the filter hides all of them', () => {
  const full = mirror('running', { kind: 'models', models: [model()], at: now });
  expect(viewStateOf(full, '', underWay)).toBe('models');
  expect(viewStateOf(full, 'x', atRest)).toBe('filtered');
});
