import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { stemsIn, siblingsOf } from '../../../daemon/ingest/artifact/siblings.ts';
import { diskView } from '../../../daemon/ingest/disk/folder-cache.ts';
import { listFolder } from '../../../daemon/ingest/disk/list-folder.ts';
import { artifactAtPath, artifactsIn, artifactsOf } from '../../../daemon/ingest/artifact/files.ts';
import { copySample, temporary } from '../../support/daemon.ts';

function put(path: string, text = ''): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

test('files of a Hugging Face folder are left to it', () => {
  const root = temporary();
  for (const sample of ['transformers/tiny-bert-cls', 'peft/adapter-lora', 'sentence-transformers/tiny-encoder']) {
    const folder = copySample(sample, join(root, sample));
    const listing = listFolder(folder);
    expect(listing && artifactsOf(diskView(), root, listing).map((artifact) => artifact.recogniser)).toEqual([
      'huggingface',
    ]);
  }
});

test('what one recogniser found to be none of its kind goes to the next that recognises it, until it is written again', () => {
  const root = temporary();
  put(join(root, 'w2v', 'config.json'), '{}');
  const path = put(join(root, 'w2v', 'model.safetensors'), 'text');
  const disk = diskView();
  expect(artifactAtPath(disk, root, path)?.recogniser).toBe('huggingface');
  disk.refuse('huggingface', path);
  expect(artifactAtPath(disk, root, path)?.recogniser).toBe('safetensors');
  disk.refuse('safetensors', path);
  expect(artifactAtPath(disk, root, path)).toBeUndefined();
  writeFileSync(path, 'other text');
  disk.refuse('torch', path);
  expect(artifactAtPath(disk, root, path)?.recogniser).toBe('huggingface');
});

test('a folder that changed is listed anew, one that did not is not', async () => {
  const root = temporary();
  const path = put(join(root, 'zoo', 'resnet.pt'));
  const disk = diskView();
  await sleep(80);
  expect(artifactsIn(disk, root, dirname(path))).toBe(artifactsIn(disk, root, dirname(path)));
  put(join(root, 'zoo', 'vgg.pt'));
  expect(artifactsIn(disk, root, dirname(path)).map((artifact) => artifact.group.primary)).toEqual([
    'resnet.pt',
    'vgg.pt',
  ]);
  rmSync(path);
  expect(artifactsIn(disk, root, dirname(path)).map((artifact) => artifact.group.primary)).toEqual(['vgg.pt']);
});

test('twins are the same stem in the same folder in another format', () => {
  const root = temporary();
  const model = put(join(root, 'a', 'model.joblib'));
  put(join(root, 'a', 'model.pkl'));
  put(join(root, 'a', 'other.pkl'));
  put(join(root, 'b', 'model.pkl'));
  const disk = diskView();
  const artifact = artifactAtPath(disk, root, model);
  expect(artifact && siblingsOf(disk, artifact).map(({ path }) => path)).toEqual([join(root, 'a', 'model.pkl')]);
  expect([...stemsIn(disk, root, join(root, 'a')).keys()].toSorted()).toEqual(['model', 'other']);
});
