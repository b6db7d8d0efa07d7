import { expect, test } from 'vitest';
import { computed } from '../../../support/daemon.ts';
import type { Inspection, Recogniser } from '../../../../daemon/ingest/artifact/recogniser.ts';
import { scanPickle } from '../../../../daemon/formats/pickle/pickle.ts';
import { readSafetensors } from '../../../../daemon/formats/tensors/safetensors.ts';
import { FormatError, sourceOf } from '../../../../daemon/formats/source.ts';
import { readTorch } from '../../../../daemon/formats/torch/torch.ts';
import { joblib } from '../../../../daemon/ingest/artifact/recognisers/joblib.ts';
import { pickle } from '../../../../daemon/ingest/artifact/recognisers/pickle.ts';
import { safetensors } from '../../../../daemon/ingest/artifact/recognisers/safetensors.ts';
import { torch } from '../../../../daemon/ingest/artifact/recognisers/torch.ts';
import { bytesOf, only } from './on-disk.ts';

const FILES: [Recogniser, string][] = [
  [pickle, 'sklearn/diabetes-pickle/model_v1.pkl'],
  [pickle, 'sklearn/iris-script/outputs/v1/model.pkl'],
  [pickle, 'sklearn/wine-variants/custom_cloudpickle.pkl'],
  [joblib, 'sklearn/iris-script/outputs/v1/model.joblib'],
  [joblib, 'sklearn/wine-variants/model.joblib.gz'],
  [joblib, 'sklearn/wine-variants/model.z.joblib'],
  [joblib, 'sklearn/wine-variants/model.xz.joblib'],
  [torch, 'pytorch/digits-mlp-a/model.pt'],
  [torch, 'pytorch/digits-mlp-a/checkpoints/best.pt'],
  [torch, 'pytorch/exports/whole_module.pth'],
  [torch, 'pytorch/exports/model_scripted.pt'],
  [torch, 'pytorch/exports/exported.pt2'],
  [torch, 'pytorch/exports/legacy_nonzip.pth'],
  [torch, 'lightning/lightning_logs/version_0/checkpoints/last.ckpt'],
  [safetensors, 'pytorch/digits-mlp-a/model.safetensors'],
];

function inspect(recogniser: Recogniser, path: string, bytes: Uint8Array): Inspection {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return recogniser.inspect({ primary: name, files: [name], wholeFolder: false }, only(name, bytes));
}

/** A small generator with a seed (mulberry32), so that a failure can be repeated. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  const copy = bytes.slice(0, random() < 0.1 ? Math.floor(random() * bytes.length) : bytes.length);
  // Headers and directories, which the readers look at, are at the ends.
  const place = (): number => {
    const window = random() < 0.5 ? Math.min(2000, copy.length) : copy.length;
    return random() < 0.5 ? Math.floor(random() * window) : copy.length - 1 - Math.floor(random() * window);
  };
  for (let i = 0; i < 1 + Math.floor(random() * 6); i += 1) {
    if (copy.length > 0) copy[place()] = random() < 0.3 ? 0xff : Math.floor(random() * 256);
  }
  return copy;
}

test('a file cut anywhere is never whole', () => {
  for (const [recogniser, path] of FILES) {
    const whole = bytesOf(path);
    const lengths = [whole.length - 1, Math.floor(whole.length * 0.9), whole.length >> 1];
    for (let length = 0; length < whole.length; length += 97) lengths.push(length);
    for (const length of lengths) {
      const { state } = inspect(recogniser, path, whole.subarray(0, length));
      expect(state, `${path} cut to ${length}`).not.toBe('whole');
      if (length > 100) expect(state, `${path} cut to ${length}`).toBe('partial');
    }
  }
});

test('a damaged file is answered, never thrown at', () => {
  const random = randomFrom(20_261_121);
  for (const [recogniser, path] of FILES) {
    const bytes = bytesOf(path);
    for (let i = 0; i < 250; i += 1) {
      const damaged = mutate(bytes, random);
      const start = computed();
      const inspection = inspect(recogniser, path, damaged);
      expect(computed() - start).toBeLessThan(1000);
      expect(JSON.stringify(inspection).length).toBeLessThan(2_000_000);
    }
  }
}, 60_000);

test('readers of formats throw FormatError and nothing else', () => {
  const random = randomFrom(7);
  for (const [, path] of FILES) {
    const bytes = bytesOf(path);
    for (let i = 0; i < 200; i += 1) {
      const source = sourceOf(mutate(bytes, random));
      for (const read of [readTorch, readSafetensors, scanPickle]) {
        try {
          read(source);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }
    }
  }
}, 60_000);

test('facts stay small whatever a header claims', () => {
  const tensor = '{"dtype":"U8","shape":[0],"data_offsets":[0,0]}';
  const names = Array.from({ length: 50_000 }, (_, i) => `"t${i}":${tensor}`).join(',');
  const header = `{"__metadata__":{"note":"${'x'.repeat(100_000)}"},${names}}`;
  const bytes = new Uint8Array(8 + header.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(new TextEncoder().encode(header), 8);
  const inspection = inspect(safetensors, 'm.safetensors', bytes);
  expect(inspection).toMatchObject({ state: 'whole', facts: { tensorsTotal: 50_000 } });
  if (!('facts' in inspection)) return;
  expect(inspection.facts.tensors.length).toBe(10_000);
  expect(JSON.stringify(inspection.facts.metadata).length).toBeLessThanOrEqual(16_384);
});
