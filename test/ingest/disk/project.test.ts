import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectOf } from '../../../daemon/ingest/disk/project.ts';
import { temporary } from '../../support/daemon.ts';

function clone(top: string, url: string): string {
  mkdirSync(join(top, '.git'), { recursive: true });
  writeFileSync(
    join(top, '.git', 'config'),
    `[core]\n\tbare = false\n[remote "origin"]\n\turl = ${url}\n\tfetch = x\n`,
  );
  mkdirSync(join(top, 'outputs', 'models'), { recursive: true });
  return join(top, 'outputs', 'models');
}

test('clones of one repository are one project, wherever they lie and however they are reached', () => {
  const folder = temporary();
  const urls = [
    'https://github.com/ana/shop.git',
    'https://ana:secret@github.com/ana/shop',
    'git@github.com:ana/shop.git',
    'ssh://git@github.com/ana/shop/',
  ];
  const projects = urls.map((url, at) => projectOf(clone(join(folder, `clone-${at}`), url)));
  expect(new Set(projects.map(({ key }) => key))).toEqual(new Set(['github.com/ana/shop']));
  expect(new Set(projects.map(({ name }) => name))).toEqual(new Set(['shop']));
});

test('a repository without a remote is called as its folder, and another folder is another project', () => {
  const folder = temporary();
  const tops = ['shop-a', 'shop-b'].map((name) => join(folder, name));
  tops.forEach((top) => mkdirSync(join(top, '.git'), { recursive: true }));
  const [a, b] = tops.map((top) => projectOf(top));
  expect([a?.name, b?.name]).toEqual(['shop-a', 'shop-b']);
  expect(a?.key).not.toBe(b?.key);
});

test('outside a repository a watched folder of outputs is called as the folder that it lies in', () => {
  const top = join(temporary(), 'churn', 'outputs');
  mkdirSync(top, { recursive: true });
  expect(projectOf(top)).toMatchObject({ top, name: 'churn' });
});

test('repositories in one watched folder are projects of their own, and what lies beside them is of that folder', () => {
  const root = join(temporary(), 'orchard');
  const deep = clone(join(root, 'shop-a'), 'https://github.com/ana/shop.git');
  mkdirSync(join(root, 'notes'));
  expect(projectOf(root, deep)).toEqual({ top: join(root, 'shop-a'), name: 'shop', key: 'github.com/ana/shop' });
  expect(projectOf(root, join(root, 'notes'))).toMatchObject({ top: root, name: 'orchard' });
});

test('a temporary folder gives no name', () => {
  expect(projectOf(join(temporary(), 'outputs')).name).toBe('');
});

test('a configuration that is damaged, or a `.git` that is a file, tells nothing and fails nothing', () => {
  const folder = temporary();
  const [damaged, linked] = [join(folder, 'damaged'), join(folder, 'linked')];
  mkdirSync(join(damaged, '.git'), { recursive: true });
  writeFileSync(join(damaged, '.git', 'config'), Buffer.from([0, 255, 91, 114, 10]));
  mkdirSync(linked);
  writeFileSync(join(linked, '.git'), 'gitdir: /nowhere\n');
  expect([damaged, linked].map((top) => projectOf(top).name)).toEqual(['damaged', 'linked']);
});
