import { expect, test } from 'vitest';
import { computed } from '../../../support/daemon.ts';
import { scanPickle } from '../../../../daemon/formats/pickle/pickle.ts';
import type { PickleValue } from '../../../../daemon/formats/pickle/pickle-value.ts';
import { sourceOf } from '../../../../daemon/formats/source.ts';
import { estimatorFacts } from '../../../../daemon/ingest/artifact/recognisers/estimator.ts';
import { numbersIn } from '../../../../daemon/ingest/artifact/recognisers/scalars.ts';
import { pickleToJson } from '../../../../daemon/ingest/artifact/recognisers/pickle-to-json.ts';
import { tensorsInMapping, tensorsInModule } from '../../../../daemon/ingest/artifact/recognisers/weights.ts';
import { pickleOf, str } from '../../../formats/pickled.ts';

const [EMPTY_DICT, MARK, SETITEMS, MEMOIZE, POP] = [0x7d, 0x28, 0x75, 0x94, 0x30];

/** Makes a few kilobytes of dicts, each with `width` references to the one before it, so `width` to the power of `depth` ways in all. */
function ways(depth: number, width: number): PickleValue {
  const keys = Array.from({ length: width }, (_, index) => str(`k${index}`));
  const level = (number: number): number[] => {
    const below = keys.flatMap((key) => [...key, 0x68, number - 1]);
    return [EMPTY_DICT, MEMOIZE, MARK, ...below, SETITEMS, ...(number === depth ? [] : [POP])];
  };
  const levels = Array.from({ length: depth }, (_, index) => level(index + 1));
  return scanPickle(sourceOf(pickleOf([EMPTY_DICT, MEMOIZE, POP], ...levels))).root!;
}

/** Makes a dict that contains itself. */
function loop(): PickleValue {
  const itself = [EMPTY_DICT, MEMOIZE, MARK, ...str('again'), 0x68, 0, SETITEMS];
  return scanPickle(sourceOf(pickleOf(itself))).root!;
}

test.each([
  ['narrow and deep', ways(60, 2)],
  ['wide', ways(5, 200)],
  ['round', loop()],
])('a pickle whose parts are shared over and over is read at once: %s', (_, value) => {
  const started = computed();
  expect(tensorsInMapping(value)).toEqual([]);
  expect(tensorsInModule(value)).toEqual([]);
  expect(numbersIn(value)).toEqual({});
  expect(pickleToJson(value)).toBeDefined();
  expect(estimatorFacts(value).params).toBeDefined();
  expect(computed() - started).toBeLessThan(1000);
});
