import { expect, test } from 'vitest';
import { pickleSentence } from '../../../daemon/shared/pickle-text.ts';
import { joinReadings, judge, judgeHidden } from '../../../daemon/formats/pickle/pickle-safety.ts';
import { scanPickle } from '../../../daemon/formats/pickle/pickle.ts';
import { sourceOf } from '../../../daemon/formats/source.ts';
import { bytesOf } from '../../ingest/artifact/recognisers/on-disk.ts';
import {
  REDUCE,
  arrayWrapper,
  dict,
  dtype,
  globalLine,
  int,
  list,
  pickleOf,
  protocol,
  stackGlobal,
  str,
  tuple,
} from '../pickled.ts';

const safetyOf = (bytes: Uint8Array): string => judge(scanPickle(sourceOf(bytes), 'joblib')).verdict;

test('plain data needs no code', () => {
  expect(safetyOf(pickleOf(dict([str('lr'), int(1)])))).toBe('no code');
});

test('an estimator of scikit-learn has known imports only', () => {
  for (const path of [
    'sklearn/iris-script/outputs/v3/model.pkl',
    'sklearn/iris-script/outputs/v1/model.joblib',
    'sklearn/diabetes-pickle/model_v1.pkl',
    'dvc/live/model.pkl',
  ]) {
    expect(safetyOf(bytesOf(path))).toBe('known imports only');
  }
});

test('a cloudpickle runs code', () => {
  expect(safetyOf(bytesOf('sklearn/wine-variants/custom_cloudpickle.pkl'))).toBe('runs code');
});

test('whatever can reach a shell, an interpreter or a file runs code', () => {
  const attacks: [string, string][] = [
    ['os', 'system'],
    ['posix', 'system'],
    ['subprocess', 'Popen'],
    ['builtins', 'eval'],
    ['builtins', 'exec'],
    ['builtins', 'getattr'],
    ['builtins', '__import__'],
    ['__builtin__', 'apply'],
    ['builtins', 'open'],
    ['operator', 'attrgetter'],
    ['functools', 'partial'],
    ['runpy', '_run_code'],
    ['pip', 'main'],
    ['torch', 'load'],
    ['torch.hub', 'load'],
    ['torch.storage', '_load_from_bytes'],
    ['numpy', 'load'],
    ['numpy.testing._private.utils', 'runstring'],
    ['joblib', 'load'],
    ['pandas', 'read_pickle'],
    ['sklearn.utils.fixes', 'Popen'],
    ['sklearn.tree', 'os.Popen'],
    ['sklearn.tree', 'os'],
    ['collections', 'OrderedDict.__init__.__globals__'],
    ['__main__', 'Net'],
    ['', 'system'],
  ];
  for (const [module, name] of attacks) {
    expect(safetyOf(pickleOf(stackGlobal(module, name), tuple(str('id')), REDUCE)), `${module}.${name}`).toBe(
      'runs code',
    );
    expect(safetyOf(pickleOf(globalLine(module, name), tuple(str('id')), REDUCE)), `${module}.${name}`).toBe(
      'runs code',
    );
  }
});

test('code nested in an array of objects is found', () => {
  const payload = [...pickleOf(globalLine('os', 'system'), tuple(str('id')), REDUCE)];
  expect(safetyOf(pickleOf(list([...arrayWrapper([1], dtype('O8', 8, 63), false), ...payload])))).toBe('runs code');
});

test('code hidden in the bytes of an array, which plain unpickling would run, is found', () => {
  const payload = [...globalLine('os', 'system'), ...tuple(str('id')), ...REDUCE, 0x2e];
  const bytes = pickleOf([...arrayWrapper([payload.length], dtype('i1', 1, 0), false), ...payload]);
  expect(safetyOf(bytes)).toBe('known imports only');
  expect(judgeHidden(sourceOf(bytes))).toMatchObject({ verdict: 'runs code' });
  expect(judgeHidden(sourceOf(bytesOf('sklearn/iris-script/outputs/v1/model.joblib')))).toBeUndefined();
});

test('names that the file does not tell run code', () => {
  expect(safetyOf(pickleOf(int(1), int(2), [0x93]))).toBe('runs code');
  expect(safetyOf(pickleOf([0x82, 1]))).toBe('runs code');
});

test('a pickle that breaks off is unreadable, or runs code that comes before', () => {
  expect(safetyOf(Uint8Array.from([...protocol(4), 0x7d, 0xff]))).toBe('unreadable');
  expect(safetyOf(Uint8Array.from([...protocol(4), ...stackGlobal('numpy', 'dtype'), 0xff]))).toBe('unreadable');
  expect(safetyOf(Uint8Array.from([...protocol(4), ...stackGlobal('os', 'system'), 0xff]))).toBe('runs code');
  expect(safetyOf(new Uint8Array(0))).toBe('unreadable');
});

test('of several pickles the worst decides', () => {
  const joined = joinReadings([
    { verdict: 'no code', imports: [] },
    { verdict: 'unreadable', imports: ['b.c'] },
    { verdict: 'known imports only', imports: ['a.b'] },
  ]);
  expect(joined).toEqual({ verdict: 'unreadable', imports: ['a.b', 'b.c'] });
});

test('the memo counts as Python’s does, so that a name cannot stand for another', () => {
  const put = (index: number): number[] => [0x71, index];
  const MEMOIZE = [0x94];
  const POP = [0x30];
  // Python stores the third text at 2, because its memo has two entries, although one of them is at 9.
  const stored = [
    ...str('numpy'),
    ...put(9),
    ...POP,
    ...str('dtype'),
    ...put(2),
    ...POP,
    ...str('os'),
    ...MEMOIZE,
    ...POP,
  ];
  const scan = scanPickle(sourceOf(pickleOf(stored, [0x68, 2], str('system'), [0x93])));
  expect(scan.globals).toEqual(['os.system']);
});

const told = (...globals: [module: string, name: string][]): string => {
  const items = globals.flatMap(([module, name]) => [...globalLine(module, name), 0x30]);
  return pickleSentence(judge(scanPickle(sourceOf(pickleOf(items, int(1))))));
};

test('a pickle that names classes alone is told as that, by whose they are, and never as safe', () => {
  const yolo: [string, string] = ['ultralytics.nn.tasks', 'DetectionModel'];
  const rebuild: [string, string] = ['torch._utils', '_rebuild_tensor_v2'];
  expect(told(yolo, rebuild, ['model', 'Net'])).toBe(
    'Loading this pickle runs code of ultralytics and your own module `model`; load it only if you trust the author.',
  );
  expect(told(['__main__', 'Net'], rebuild)).toContain('code of the script that wrote it; load');
  expect(told(['a.b', 'One'], ['c', 'Two'])).toContain('your own modules `a`, `c`');
  for (const said of [told(yolo), told(['model', 'Net'])]) expect(said).toMatch(/only if you trust the author\.$/);
});

test('a pickle that names more than classes is told as running code, whatever classes stand beside it', () => {
  const attacks: [string, string][] = [
    ['os', 'system'],
    ['subprocess', 'Popen'],
    ['sklearn.utils.fixes', 'Popen'],
    ['torch.hub', 'load'],
    ['multiprocessing.util', 'Finalize'],
    ['ctypes', 'CDLL'],
    ['types', 'FunctionType'],
    ['model', 'build'],
    ['code', 'InteractiveConsole'],
    ['', 'System'],
  ];
  for (const attack of attacks)
    expect(told(['ultralytics.nn.tasks', 'DetectionModel'], attack)).toMatch(/executes code \(.*; load it only/);
  expect(pickleSentence({ verdict: 'runs code', imports: ['model.Net'] })).toContain('executes code; ');
  const hidden = judge(scanPickle(sourceOf(pickleOf(globalLine('model', 'Net'), int(1), int(2), [0x93]))));
  expect(pickleSentence(hidden)).toContain('executes code; ');
});

test('a dangerous import is told with the opcode that names it and its offset, as pickletools shows them', () => {
  const bytes = pickleOf(list(globalLine('numpy', 'ndarray')), globalLine('os', 'system'), tuple(str('id')), REDUCE);
  const at = Buffer.from(bytes).indexOf('cos\nsystem');
  const place = { import: 'os.system', opcode: 'GLOBAL', offset: at };
  expect(judge(scanPickle(sourceOf(bytes))).places).toEqual([place]);
  const stacked = pickleOf(stackGlobal('posix', 'system'), tuple(str('id')), REDUCE);
  const [found] = judge(scanPickle(sourceOf(stacked)), 'archive/data.pkl').places ?? [];
  expect(found).toMatchObject({ opcode: 'STACK_GLOBAL', member: 'archive/data.pkl' });
  expect(stacked[found!.offset]).toBe(0x93);
  expect(joinReadings([judge(scanPickle(sourceOf(bytes))), judge(scanPickle(sourceOf(stacked)))])?.places).toHaveLength(
    2,
  );
  expect(judge(scanPickle(sourceOf(bytesOf('dvc/live/model.pkl')))).places).toBeUndefined();
});
