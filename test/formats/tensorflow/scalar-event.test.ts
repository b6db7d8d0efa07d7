import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scalarReader } from '../../../daemon/formats/tensorflow/scalar-event.ts';
import { readEvent } from '../../../daemon/formats/tensorflow/tfevents.ts';
import { ByteWindow } from '../../../daemon/formats/window.ts';

function eventOf(step: number[], tag: Uint8Array, rest = Buffer.alloc(0)): Buffer {
  const value = Buffer.concat([Buffer.from([10, tag.length]), tag, Buffer.from([21, 0, 0, 192, 63]), rest]);
  const summary = Buffer.concat([Buffer.from([42, value.length + 2, 10, value.length]), value]);
  return Buffer.concat([Buffer.from([9, 0, 0, 0, 0, 0, 0, 248, 63]), Buffer.from(step), summary]);
}

const steps = [[], [16, 0], [16, 127], [16, 128, 1], [16, 255, 255, 255, 255, 7]];

test('what is read fast is what is read field by field, and only the commonest form is', () => {
  const read = scalarReader();
  const tag = fc.uint8Array({ minLength: 1, maxLength: 118 });
  const rest = fc.constantFrom(Buffer.alloc(0), Buffer.alloc(0), Buffer.from([74, 0]), Buffer.from([21, 0, 0, 0, 0]));
  fc.assert(
    fc.property(fc.constantFrom(...steps), tag, rest, fc.nat(40), (step, name, after, before) => {
      const event = eventOf(step, name.subarray(0, 118 - after.length), after);
      const bytes = Buffer.concat([Buffer.alloc(before, 7), event]);
      const fast = read(bytes, before, bytes.length);
      const { wallTime, step: at, values } = readEvent(ByteWindow.over(bytes), before, bytes.length);
      expect(fast !== undefined).toBe(after.length === 0);
      if (!fast) return;
      expect(fast).toEqual({ wallTime, step: at, tag: values[0]?.tag, value: values[0]?.value });
    }),
    { numRuns: 500 },
  );
});

test('bytes that are no such event are left to the other reader', () => {
  const read = scalarReader();
  const event = eventOf([16, 5], Buffer.from('loss'));
  for (let cut = 0; cut < event.length; cut++) expect(read(event, 0, cut)).toBeUndefined();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => read(bytes, 0, bytes.length) === undefined),
    { numRuns: 500 },
  );
  const endless = Buffer.concat([event.subarray(0, 9), Buffer.from([16]), Buffer.alloc(40, 255)]);
  expect(read(endless, 0, endless.length)).toBeUndefined();
});
