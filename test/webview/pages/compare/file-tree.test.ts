import { expect, test } from 'vitest';
import type { CompareRow } from '../../../../daemon/protocol/comparison.ts';
import { fileTree, keptFiles, type FileFolder } from '../../../../webview/pages/compare/files/file-tree.ts';

function row(name: string, differs = false): CompareRow {
  return { name, values: ['a', differs ? 'b' : 'a'], deltas: [], better: [], direction: null, differs };
}

const shape = ({ name, differing, folders, files }: FileFolder): unknown => [
  name,
  differing,
  folders.map(shape),
  files.map((one) => one.name),
];

test('texts, reports and parts of the model are one tree, whose folders count what differs below them', () => {
  const files = keptFiles({
    config: [row('./config.yaml', true), row('conf/data.yaml')],
    reports: [row('reports/eval/roc.png', true), row('reports/eval/cm.png', true)],
    files: [row('model.bin')],
  });
  expect(shape(fileTree(files))).toEqual([
    '',
    3,
    [
      ['conf', 0, [], ['data.yaml']],
      ['reports/eval', 2, [], ['cm.png', 'roc.png']],
    ],
    ['config.yaml', 'model.bin'],
  ]);
});

test('a hostile path stays one file, and a thousand folders deep does no harm', () => {
  const names = ['../../etc/passwd', '<img src=x>', '//', '__proto__/x', `${'d/'.repeat(1000)}deep.txt`];
  const tree = fileTree(keptFiles({ config: names.map((name) => row(name)), reports: [], files: [] }));
  expect(tree.files.map(({ name }) => name)).toEqual(['//', '<img src=x>']);
  expect(tree.folders.map(({ name }) => name.slice(0, 9))).toEqual(['__proto__', '../../etc', 'd/d/d/d/d'].toSorted());
});
