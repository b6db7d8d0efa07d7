import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { artifactAtPath } from '../../../daemon/ingest/artifact/files.ts';
import { nameOf, type Naming } from '../../../daemon/ingest/artifact/naming.ts';
import { TrackerNames } from '../../../daemon/ingest/artifact/tracker-names.ts';
import { projectOf } from '../../../daemon/ingest/disk/project.ts';
import { familyStem } from '../../../daemon/ingest/artifact/families.ts';
import type { ArtifactFiles } from '../../../daemon/ingest/artifact/types.ts';
import { rulesOnDisk } from '../../../daemon/policy/watch-rules.ts';
import { diskView } from '../../../daemon/ingest/disk/folder-cache.ts';
import { temporary } from '../../support/daemon.ts';

/** A line of layouts.jsonl: model files of a public repository, and the name its author gives each. */
interface Layout {
  /** owner/name. */
  repository: string;
  files: string[];
  /** One per file; `a|b` when the author uses both, `.` when the model has the name of the repository. */
  names: string[];
  /** Other files in the same folders. */
  beside?: string[];
  /** The file of the repository that contains the names. */
  shownBy: string;
}

interface Named {
  layout: Layout;
  /** `path: given, not expected`, for files whose name differs from their author's. */
  wrong: string[];
}

/** Other files that a model's folder needs, so that its family recognises it. */
const companions: Record<string, string[]> = {
  'meta.json': ['config.cfg', 'tokenizer'],
  'adapter_model.safetensors': ['adapter_config.json'],
};

const layouts = layoutsIn('layouts.jsonl');
/** Added and labelled after the rule existed. */
const later = layoutsIn('layouts-held-out.jsonl');

/** The rule was written while looking at one half; the other half tests it. */
const isSeen = ({ repository }: Layout): boolean => createHash('sha256').update(repository).digest()[0]! % 2 === 0;

/** Share of the layouts in which every file must get its author's name. */
const floor = { seen: 0.95, unseen: 0.95, later: 0.95, folder: 0.95 };

test('public layouts are named as their authors name them', () => {
  const all = layouts.map((layout) => nameAll(layout, (top) => top));
  const seen = all.filter(({ layout }) => isSeen(layout));
  const unseen = all.filter(({ layout }) => !isSeen(layout));
  const last = later.map((layout) => nameAll(layout, (top) => top));
  const wrong = [...all, ...last].flatMap((one) => one.wrong);
  console.info(`seen ${told(seen)}; unseen ${told(unseen)}; later ${told(last)}\n${wrong.join('\n')}`);
  expect(shareOf(seen)).toBeGreaterThanOrEqual(floor.seen);
  expect(shareOf(unseen)).toBeGreaterThanOrEqual(floor.unseen);
  expect(shareOf(last)).toBeGreaterThanOrEqual(floor.later);
});

test('the best checkpoint of mmengine is not called as the metric in its name', () => {
  const names = ['best_coco_bbox_mAP_epoch_2.pth', 'best_resnet_epoch_2.pth', 'credit_score.pkl'];
  expect(names.map(familyStem)).toEqual(['', 'resnet', 'credit_score']);
});

test('they keep their names where only the folder of the models is watched', () => {
  const all = layouts.map((layout) => nameAll(layout, (_top, file) => dirname(file)));
  console.info(`by folder ${told(all)}\n${all.flatMap(({ wrong }) => wrong).join('\n')}`);
  expect(shareOf(all)).toBeGreaterThanOrEqual(floor.folder);
});

test('the list is as it is said to be', () => {
  expect(layouts.length).toBeGreaterThanOrEqual(200);
  expect(layouts.filter(({ files, names }) => files.length === 0 || files.length !== names.length)).toEqual([]);
  expect(new Set(layouts.map(({ repository }) => repository)).size).toBe(layouts.length);
});

function layoutsIn(file: string): Layout[] {
  const lines = readFileSync(join(import.meta.dirname, file), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as Layout);
}

/** Writes the files into a clone of the repository, and names each as if the folder from `rootFor` were watched. */
function nameAll(layout: Layout, rootFor: (top: string, file: string) => string): Named {
  const top = join(temporary(), layout.repository.split('/')[1] ?? '');
  mkdirSync(join(top, '.git'), { recursive: true });
  const others = layout.files.flatMap((file) => (companions[file.split('/').at(-1) ?? ''] ?? []).map(inFolderOf(file)));
  for (const file of [...layout.files, ...(layout.beside ?? []), ...others]) put(join(top, file));
  const placed = (root: string) => ({ ...projectOf(root), place: root });
  const asTold = (_files: ArtifactFiles, name: string): string => name;
  const names = { projectOf: placed, nameFor: asTold, trackerNameFor: asTold };
  const disk = diskView();
  const naming = { disk, rules: rulesOnDisk(), names, trackers: new TrackerNames(disk) };
  const wrong = layout.files.flatMap((file, at) => {
    const given = nameAt(naming, rootFor(top, join(top, file)), join(top, file));
    const expected = layout.names[at] ?? '';
    return isSame(layout, file, given, expected) ? [] : [`${layout.repository} ${file}: ${given}, not ${expected}`];
  });
  return { layout, wrong };
}

function inFolderOf(file: string): (name: string) => string {
  return (name) => join(dirname(file), name);
}

function put(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '');
}

function nameAt(naming: Naming, root: string, path: string): string {
  const artifact = artifactAtPath(naming.disk, root, path);
  return artifact ? nameOf(naming, artifact) : '(no artifact)';
}

/** Ignores case, separators and the word "model" at an end. A name may be prefixed with its repository or folders. */
function isSame({ repository }: Layout, file: string, given: string, expected: string): boolean {
  const project = repository.split('/')[1] ?? '';
  const places = new Set([project, ...file.split('/').slice(0, -1)].map(bare));
  return expected.split('|').some((one) => {
    const name = bare(one === '.' ? project : one);
    return bare(given) === name || (bare(given).endsWith(name) && places.has(bare(given).slice(0, -name.length)));
  });
}

function bare(name: string): string {
  const text = name.toLowerCase().replaceAll(/[-_ ]/g, '');
  return text.replace(/^model(?=.)|(?<=.)model$/g, '');
}

function shareOf(all: readonly Named[]): number {
  return all.filter(({ wrong }) => wrong.length === 0).length / all.length;
}

function told(all: readonly Named[]): string {
  const right = all.filter(({ wrong }) => wrong.length === 0).length;
  return `${right} of ${all.length} layouts`;
}
