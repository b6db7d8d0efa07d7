import { expect, test } from 'vitest';
import { computed } from '../../support/daemon.ts';
import { entry, itemsOf } from '../../../daemon/formats/pickle/pickle-value.ts';
import { scanPickle } from '../../../daemon/formats/pickle/pickle.ts';
import { sourceOf } from '../../../daemon/formats/source.ts';
import { bytesOf } from '../../ingest/artifact/recognisers/on-disk.ts';
import {
  arrayWrapper,
  dict,
  dtype,
  globalLine,
  int,
  line,
  list,
  pickleOf,
  stackGlobal,
  str,
  tuple,
} from '../pickled.ts';

const scan = (bytes: Uint8Array): ReturnType<typeof scanPickle> => scanPickle(sourceOf(bytes), 'joblib');

test('a pickle of each protocol is walked to its STOP', () => {
  for (const [path, protocol] of [
    ['sklearn/diabetes-pickle/model_v1.pkl', 5],
    ['sklearn/diabetes-pickle/model_v2.pkl', 4],
  ] as const) {
    const bytes = bytesOf(path);
    expect(scan(bytes)).toMatchObject({ protocol, end: bytes.length, complete: true, failure: undefined });
  }
});

test('protocol 0 is text', () => {
  const bytes = new TextEncoder().encode(
    "(dp0\nS'lr'\np1\nF0.5\nsS'n'\nI7\nsS'on'\nI01\nsVname\nL12345678901234567890L\nsg1\n(lp2\nI1\nas.",
  );
  const { root, protocol, failure } = scan(bytes);
  expect(failure).toBeUndefined();
  expect(protocol).toBe(0);
  expect(entry(root, 'n')).toBe(7);
  expect(entry(root, 'on')).toBe(true);
  expect(entry(root, 'name')).toBe(12345678901234567890n);
  expect(itemsOf(entry(root, 'lr'))).toEqual([1]);
});

test('long integers are two’s complement', () => {
  expect(scan(pickleOf([0x8a, 1, 0xff])).root).toBe(-1);
  expect(scan(pickleOf([0x8a, 0])).root).toBe(0);
  expect(scan(pickleOf([0x8a, 2, 0x00, 0x80])).root).toBe(-32768);
});

test('names are found in GLOBAL, STACK_GLOBAL, INST and through the memo', () => {
  const memoised = [...str('posix'), 0x94, 0x30, ...str('system'), 0x94, 0x30, 0x68, 0, 0x68, 1, 0x93];
  const inst = [0x28, 0x69, ...line('a.b'), ...line('C')];
  const { globals, calls } = scan(pickleOf(globalLine('os', 'system'), stackGlobal('m', 'n'), memoised, inst));
  expect(globals).toEqual(['a.b.C', 'm.n', 'os.system', 'posix.system']);
  expect(calls).toBe(true);
});

test('a name that is not text on the stack is marked as unknown', () => {
  expect(scan(pickleOf(int(1), int(2), [0x93])).unresolved).toBe(true);
  expect(scan(pickleOf([0x82, 9])).unresolved).toBe(true);
});

test('the arrays of joblib are passed over, aligned or not', () => {
  const aligned = [
    ...arrayWrapper([2, 3], dtype('f8', 8, 0), true),
    3,
    0xff,
    0xff,
    0xff,
    ...Array.from({ length: 48 }, () => 0x2e),
  ];
  const plain = [...arrayWrapper([5], dtype('i4', 4, 0), false), ...Array.from({ length: 20 }, () => 0x2e)];
  const bytes = pickleOf(tuple(aligned, plain));
  const { root, end, arrays } = scan(bytes);
  expect(end).toBe(bytes.length);
  expect(arrays).toBe(2);
  expect(itemsOf(root)).toMatchObject([
    { kind: 'array', shape: [2, 3], dtype: 'f8', bytes: 48 },
    { kind: 'array', shape: [5], dtype: 'i4', bytes: 20 },
  ]);
});

test('an array of objects is a pickle of its own inside of the stream', () => {
  const names = [...pickleOf(list(str('age'), str('bmi')), globalLine('nested', 'Name'), [0x30])];
  const bytes = pickleOf(list([...arrayWrapper([2], dtype('O8', 8, 63), true), ...names]));
  const { root, end, globals } = scan(bytes);
  expect(end).toBe(bytes.length);
  expect(globals).toContain('nested.Name');
  expect(itemsOf(root)).toMatchObject([{ kind: 'array', items: { items: ['age', 'bmi'] } }]);
});

test('a text cut anywhere is truncated and never complete', () => {
  const whole = bytesOf('hydra/outputs/2026-11-21/08-43-56/model.joblib');
  for (let length = 0; length < whole.length; length += 1) {
    const { failure, complete } = scan(whole.subarray(0, length));
    expect(failure?.kind).toBe('truncated');
    expect(complete).toBe(false);
  }
});

test('an object may hold itself', () => {
  const { root } = scan(pickleOf([0x5d, 0x94, 0x68, 0, 0x61]));
  expect(itemsOf(root)?.[0]).toBe(root);
});

test('the key __proto__ harms nothing', () => {
  const { root } = scan(pickleOf(dict([str('__proto__'), int(1)])));
  expect(entry(root, '__proto__')).toBe(1);
  expect(({} as Record<string, unknown>)['1']).toBeUndefined();
});

test('lengths that lie, deep nesting and floods of opcodes end fast', () => {
  const hostile: Uint8Array[] = [
    pickleOf([0x8e, ...Array.from({ length: 7 }, () => 0xff), 0x7f]),
    pickleOf([0x42, 0xff, 0xff, 0xff, 0xff]),
    pickleOf([0x54, 0xff, 0xff, 0xff, 0xff]),
    pickleOf([0x8b, 0xff, 0xff, 0xff, 0x7f]),
    pickleOf([0x72, 0xff, 0xff, 0xff, 0xff]),
    pickleOf(arrayWrapper([255, 255, 255, 255, 255, 255, 255, 255], dtype('f8', 8, 0), false)),
    new Uint8Array(3_000_000).fill(0x28),
    new Uint8Array(3_000_000).fill(0x5d),
    new Uint8Array(3_000_000).fill(0x4e),
    Uint8Array.from({ length: 3_000_000 }, (_, i) => (i % 2 === 0 ? 0x4e : 0x94)),
  ];
  for (const bytes of hostile) {
    const start = computed();
    expect(scan(bytes).complete).toBe(false);
    expect(computed() - start).toBeLessThan(5000);
  }
});
