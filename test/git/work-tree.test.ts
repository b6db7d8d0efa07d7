import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';
import { codeAround, type Code } from '../../daemon/ingest/lineage/git.ts';
import { isCommitted } from '../../daemon/policy/committed.ts';
import { temporary } from '../support/daemon.ts';
import { git, hasGit, put, repository } from './repositories.ts';

const onPosix = process.platform !== 'win32';

/** Returns the code for an artifact in `data`, a folder that is not itself counted as a change. */
async function look(top: string): Promise<Code> {
  mkdirSync(join(top, 'data'), { recursive: true });
  const code = await codeAround(join(top, 'data', 'model.bin'), Date.now(), true);
  if (!code) throw new Error('no repository was found');
  return code;
}

/** Makes a repository whose committed file is a Git LFS pointer, with the file itself in the work tree. */
function withLargeFile(contents: Buffer): string {
  const { top } = repository();
  const digest = createHash('sha256').update(contents).digest('hex');
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${digest}\nsize ${contents.length}\n`;
  put(join(top, 'weights.bin'), pointer);
  git(top, 'add', '.');
  put(join(top, '.gitattributes'), '*.bin filter=lfs diff=lfs merge=lfs -text\n');
  git(top, 'add', '.gitattributes');
  git(top, 'commit', '-q', '-m', 'large');
  git(top, 'config', 'filter.lfs.process', 'git-lfs filter-process');
  git(top, 'config', 'filter.lfs.required', 'true');
  put(join(top, 'weights.bin'), contents);
  return top;
}

const weights = Buffer.from('0123456789'.repeat(1000));

test.skipIf(!hasGit)('a file under Git LFS that is what its pointer names is committed', async () => {
  const top = withLargeFile(weights);
  expect(await look(top)).toMatchObject({ state: { changed: false }, diff: null, missing: [] });
  put(join(top, 'weights.bin'), Buffer.from(weights).fill(65, 0, 1));
  const other = await look(top);
  expect(other).toMatchObject({ state: { changed: true }, diff: null });
  expect(other.missing.join()).toContain('weights.bin');
  put(join(top, 'weights.bin'), Buffer.concat([weights, weights]));
  expect(await look(top)).toMatchObject({ state: { changed: true } });
  put(join(top, 'weights.bin'), weights);
  put(join(top, 'train.py'), 'lr = 0.5\n');
  const both = await look(top);
  expect(both).toMatchObject({ state: { changed: true }, missing: [] });
  expect(both.diff).toContain('+lr = 0.5');
  expect(both.diff).not.toContain('weights.bin');
  rmSync(join(top, 'weights.bin'));
  git(top, 'checkout', '-q', 'train.py');
  expect(await look(top)).toMatchObject({ state: { changed: true } });
});

test.skipIf(!hasGit)(
  'what only a filter could tell is unknown and said so, and what no filter touches is told',
  async () => {
    const { top } = repository();
    put(join(top, '.gitattributes'), '*.py filter=strip\n*.csv filter=nobodys\n');
    git(top, 'add', '.');
    git(top, 'commit', '-q', '-m', 'attributes');
    git(top, 'config', 'filter.strip.clean', 'sed s/x/y/');
    put(join(top, 'train.py'), 'lr = 0.2\n');
    const code = await look(top);
    expect(code.state).toMatchObject({ changed: null });
    expect(code.missing.join()).toContain('Whether 1 file changed only a filter could tell');
    put(join(top, 'data', 'train.csv'), 'a,b\n3,4\n');
    expect((await look(top)).state).toMatchObject({ changed: true });
  },
);

test.skipIf(!hasGit)('line endings that git itself made are no change', async () => {
  const attributed = repository();
  put(join(attributed.top, '.gitattributes'), '* text=auto\n*.bat text eol=crlf\n*.sh eol=lf\n');
  put(join(attributed.top, 'run.bat'), 'echo\r\n');
  git(attributed.top, 'add', '.');
  git(attributed.top, 'commit', '-q', '-m', 'attributes');
  put(join(attributed.top, 'train.py'), 'lr = 0.1\r\n');
  expect(await look(attributed.top)).toMatchObject({ state: { changed: false }, diff: null });
  const { top } = repository();
  git(top, 'config', 'core.autocrlf', 'true');
  put(join(top, 'train.py'), 'lr = 0.1\r\n');
  expect(await look(top)).toMatchObject({ state: { changed: false } });
  expect(await isCommitted(join(top, 'train.py'), 'lr = 0.1\r\n')).toBe(true);
  expect(await isCommitted(join(top, 'train.py'), 'lr = 0.2\r\n')).toBe(false);
  expect(await isCommitted(join(top, 'data', 'other.csv'), 'a\n')).toBe(false);
  git(top, 'config', 'core.autocrlf', 'false');
  expect(await look(top)).toMatchObject({ state: { changed: true } });
});

test.skipIf(!hasGit)("the user's own settings count: what is ignored, and line endings", async () => {
  const home = temporary();
  put(join(home, 'ignored'), '*.log\n');
  put(join(home, '.gitconfig'), `[include]\n\tpath = more\n[core]\n\texcludesFile = "${join(home, 'ignored')}"\n`);
  put(join(home, 'more'), '[core]\n\tautocrlf = true\n');
  for (const name of ['HOME', 'USERPROFILE', 'XDG_CONFIG_HOME']) vi.stubEnv(name, home);
  onTestFinished(() => void vi.unstubAllEnvs());
  const { top } = repository();
  put(join(top, 'train.py'), 'lr = 0.1\r\n');
  put(join(top, 'a.log'), 'a\n');
  put(join(top, 'b.txt'), 'b\n');
  expect((await look(top)).state).toMatchObject({ changed: false, untracked: ['b.txt'] });
});

const forms: Record<string, () => string> = {
  'a linked worktree': () => {
    const { top } = repository();
    git(top, 'config', 'core.worktree', top);
    git(top, 'worktree', 'add', '-q', '-b', 'side', join(dirname(top), 'linked'));
    return join(dirname(top), 'linked');
  },
  'a checked out submodule': () => {
    const { top } = repository();
    git(top, 'submodule', '--quiet', 'add', repository().top, 'sub');
    return join(top, 'sub');
  },
  'an index of version 4': () => {
    const { top } = repository();
    git(top, 'update-index', '--index-version', '4');
    return top;
  },
  'a split index': () => {
    const { top } = repository();
    git(top, 'update-index', '--split-index');
    put(join(top, 'more.py'), 'x\n');
    git(top, 'add', '.');
    git(top, 'commit', '-q', '-m', 'more');
    return top;
  },
  'objects of SHA-256': () => repository('--object-format=sha256').top,
  'everything packed': () => {
    const { top } = repository();
    git(top, 'gc', '-q');
    git(top, 'pack-refs', '--all');
    return top;
  },
  'a shallow clone': () => {
    const { top } = repository();
    git(top, 'commit', '-q', '--allow-empty', '-m', 'second');
    git(dirname(top), 'clone', '-q', '--depth', '1', `file://${top}`, 'clone');
    return join(dirname(top), 'clone');
  },
  'a clone without blobs': () => {
    const { top } = repository();
    git(top, 'config', 'uploadpack.allowFilter', 'true');
    git(dirname(top), 'clone', '-q', '--filter=blob:none', `file://${top}`, 'clone');
    return join(dirname(top), 'clone');
  },
  'a sparse checkout': () => {
    const { top } = repository();
    git(top, 'sparse-checkout', 'set', '--sparse-index', 'other');
    return top;
  },
  'a detached head': () => {
    const { top } = repository();
    git(top, 'checkout', '-q', '--detach');
    return top;
  },
  'a branch with slashes': () => {
    const { top } = repository();
    git(top, 'checkout', '-q', '-b', 'a/b/ü');
    return top;
  },
};

for (const [name, lay] of Object.entries(forms))
  test.skipIf(!hasGit)(`commit, branch and changes are told of ${name}`, async () => {
    const top = lay();
    const branch = git(top, 'branch', '--show-current').trim();
    const known = { commit: git(top, 'rev-parse', 'HEAD').trim(), branch: branch === '' ? null : branch };
    expect(await look(top)).toMatchObject({ state: { ...known, changed: false, untracked: [] }, missing: [] });
    put(join(top, 'train.py'), 'lr = 0.2\n');
    put(join(top, 'new.txt'), '');
    const code = await look(top);
    expect(code).toMatchObject({ state: { ...known, changed: true, untracked: ['new.txt'] }, missing: [] });
    expect(code.diff).toContain('+lr = 0.2');
    const dated = await codeAround(join(top, 'model.bin'), Date.now() + 60_000, false);
    expect(dated?.state).toMatchObject({ commit: known.commit, known: 'date' });
  });

test.skipIf(!hasGit)('of a submodule only another commit that is checked out is a change', async () => {
  const { top } = repository();
  git(top, 'submodule', '--quiet', 'add', repository().top, 'sub');
  git(top, 'commit', '-q', '-m', 'sub');
  put(join(top, 'sub', 'train.py'), 'lr = 0.9\n');
  expect((await look(top)).state).toMatchObject({ changed: false });
  git(join(top, 'sub'), 'commit', '-q', '-a', '-m', 'more');
  const code = await look(top);
  expect(code.state).toMatchObject({ changed: true });
  expect(code.diff).toContain('+Subproject commit');
});

test.skipIf(!hasGit)('a repository without a commit says so', async () => {
  const top = temporary();
  git(top, 'init', '-q');
  expect(await look(top)).toEqual({ state: null, diff: null, missing: ['The repository has no commit yet.'] });
});

test.skipIf(!hasGit)('nothing is written into a repository, and no temporary folder is left', async () => {
  const { top } = repository();
  const own = temporary();
  vi.stubEnv('TMPDIR', own);
  vi.stubEnv('TEMP', own);
  onTestFinished(() => void vi.unstubAllEnvs());
  utimesSync(join(top, 'train.py'), 1, 1);
  const before = fileList(top);
  await look(top);
  expect(fileList(top)).toEqual(before);
  expect(fileList(own)).toEqual([]);
});

function fileList(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) => {
    const path = join(entry.parentPath, entry.name);
    return `${path} ${lstatSync(path).mtimeMs}`;
  });
}

const names = ['a.txt', 'b.txt', 'dir/c.txt', 'dir/deep/d.txt', 'e f.txt', 'ü.txt', 'ignored.log', '-x', 'q"uote'];
const texts = ['', 'one\n', 'two\n', 'one\r\n', 'no end', '\0binary', 'x\n'.repeat(200)];
const acts = ['write', 'delete', 'add', 'commit', 'touch', 'chmod', 'link', 'rename', 'attributes', 'ignore', 'pack'];

const step = fc.record({
  act: fc.constantFrom(...acts),
  name: fc.constantFrom(...names),
  other: fc.constantFrom(...names),
  text: fc.constantFrom(...texts),
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function take(top: string, { act, name, other, text }: Step): void {
  const path = join(top, name);
  const attempt = (work: () => unknown): void => {
    try {
      work();
    } catch {
      // Not every step is possible in every state: a file may not exist, or a commit may be empty.
    }
  };
  if (act === 'write') attempt(() => put(path, text));
  if (act === 'delete') attempt(() => rmSync(path));
  if (act === 'add') attempt(() => git(top, 'add', '-A', '--', `./${name}`));
  if (act === 'commit') attempt(() => git(top, 'commit', '-q', '-a', '-m', 'more'));
  if (act === 'touch') attempt(() => utimesSync(path, 1000, 1000));
  if (act === 'chmod') attempt(() => chmodSync(path, 0o755));
  if (act === 'link') attempt(() => symlinkSync(other, path));
  if (act === 'rename') attempt(() => renameSync(path, join(top, other)));
  if (act === 'attributes')
    attempt(() => put(join(top, '.gitattributes'), `*.txt text=auto\n${name} eol=crlf ident\n`));
  if (act === 'ignore') attempt(() => put(join(top, '.gitignore'), `*.log\n/${name}\n`));
  if (act === 'pack') attempt(() => git(top, 'gc', '-q'));
}

test.skipIf(!hasGit || !onPosix)(
  'an ordinary repository is told exactly as plain git tells it',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        const { top } = repository();
        for (const one of steps) take(top, one);
        const code = await look(top);
        const plain = git(top, 'status', '--porcelain', '-z', '--no-renames')
          .split('\0')
          .filter((line) => line !== '');
        const untracked = plain.filter((line) => line.startsWith('??')).map((line) => line.slice(3));
        const isStaged = git(top, 'diff', '--cached', '--name-only', 'HEAD') !== '';
        const patch = git(top, '-c', 'core.quotePath=false', 'diff', '--no-renames', 'HEAD');
        git(top, 'add', '-u');
        const changed = isStaged || git(top, 'diff', '--cached', '--name-only', 'HEAD') !== '';
        expect(code.state).toMatchObject({ commit: git(top, 'rev-parse', 'HEAD').trim(), changed, untracked });
        expect(code.diff ?? '').toBe(patch);
        expect(code.missing).toEqual([]);
      }),
      { numRuns: Number(process.env['PLINTH_TREES'] ?? 12) },
    );
  },
  60_000,
);
