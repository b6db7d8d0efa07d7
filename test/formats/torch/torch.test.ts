import { expect, test } from 'vitest';
import { FormatError, sourceOf } from '../../../daemon/formats/source.ts';
import { storagesIn } from '../../../daemon/formats/torch/torch-tensors.ts';
import { readTorch } from '../../../daemon/formats/torch/torch.ts';
import { bytesOf } from '../../ingest/artifact/recognisers/on-disk.ts';

const read = (path: string): ReturnType<typeof readTorch> => readTorch(sourceOf(bytesOf(path)));

test('the kind of each torch file is told', () => {
  expect(read('pytorch/digits-mlp-a/model.pt').kind).toBe('save');
  expect(read('pytorch/exports/model_scripted.pt').kind).toBe('script');
  expect(read('pytorch/exports/exported.pt2').kind).toBe('export');
  expect(read('pytorch/exports/legacy_nonzip.pth').kind).toBe('legacy');
});

test('the storages that a pickle names are in the archive with their size', () => {
  const file = read('pytorch/digits-mlp-a/model.pt');
  const sizes = storagesIn(file.object?.root);
  expect([...sizes.values()]).toContain(4096);
  for (const [key, size] of sizes) expect(file.storageSize(key)).toBe(size);
});

test('zips of other programs are not of torch', () => {
  expect(() => read('keras/digits-run1/best.keras')).toThrow(FormatError);
  expect(() => read('sklearn/skops/model.skops')).toThrow('not written by torch');
});

test('the older format is truncated while its storages are not all there', () => {
  const whole = bytesOf('pytorch/exports/legacy_nonzip.pth');
  for (let cut = 1; cut < whole.length - 1; cut += 97) {
    try {
      readTorch(sourceOf(whole.subarray(0, whole.length - cut)));
      expect.unreachable(`accepted without its last ${cut} bytes`);
    } catch (error) {
      expect(error).toMatchObject({ kind: 'truncated' });
    }
  }
});
