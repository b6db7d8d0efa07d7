import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  cpSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { withRepository } from '../../daemon/git/closed-repository.ts';
import { closedEnvironment, runGit, runGitBlocking } from '../../daemon/git/run.ts';
import { codeAround, type Code } from '../../daemon/ingest/lineage/git.ts';
import { isCommitted } from '../../daemon/policy/committed.ts';
import { temporary } from '../support/daemon.ts';
import { git, hasGit, put, repository, type Trapped } from './repositories.ts';

const onPosix = process.platform !== 'win32';

type Lay = (trapped: Trapped) => void;

/** Configures a filter of this name for every file. `section` is as in the configuration. */
function filter(section: string, attribute: string, key = 'clean'): Lay {
  return ({ top, trap, config }) => {
    appendFileSync(config, `[${section}]\n\t${key} = ${trap}\n\trequired = true\n`);
    put(join(top, '.gitattributes'), `* filter=${attribute}\n`);
  };
}

function settings(...names: string[]): Lay {
  return ({ top, trap }) => {
    for (const name of names) git(top, 'config', name, name.startsWith('alias.') ? `!${trap}` : trap);
  };
}

/** Deletes an object, so that git tries to fetch it. */
function lacking(text: (trap: string, top: string) => string): Lay {
  return ({ top, trap, config }) => {
    const object = git(top, 'rev-parse', 'HEAD:train.py').trim();
    rmSync(join(top, '.git', 'objects', object.slice(0, 2), object.slice(2)), { force: true });
    const tree = git(top, 'rev-parse', 'HEAD^{tree}').trim();
    rmSync(join(top, '.git', 'objects', tree.slice(0, 2), tree.slice(2)), { force: true });
    git(top, 'config', 'core.repositoryformatversion', '1');
    appendFileSync(config, text(trap, top));
  };
}

function submodule(lay: (folder: string, trap: string) => void): Lay {
  return ({ top, trap }) => {
    const folder = join(top, 'sub');
    put(join(folder, 'f.txt'), 'one\n');
    git(folder, 'init', '-q');
    git(folder, 'add', '.');
    git(folder, 'commit', '-q', '-m', 'sub');
    git(top, 'add', 'sub');
    git(top, 'commit', '-q', '-m', 'with sub');
    lay(folder, trap);
    put(join(folder, 'f.txt'), 'two\n');
  };
}

const promisor = '[extensions]\n\tpartialClone = origin\n[remote "origin"]\n\tpromisor = true\n';
const hooks = ['post-index-change', 'fsmonitor-watchman', 'query-watchman', 'post-checkout', 'reference-transaction'];

const traps: Record<string, Lay> = {
  'a monitor': settings('core.fsmonitor'),
  hooks: ({ top, trap }) => {
    for (const hook of hooks) copyFileSync(trap, join(top, '.git', 'hooks', hook));
  },
  'hooks in the work tree, in folders of any name': ({ top, trap }) => {
    for (const folder of ['hooks', 'none', 'hk'])
      for (const hook of hooks) {
        put(join(top, folder, hook), readFileSync(trap));
        chmodSync(join(top, folder, hook), 0o755);
      }
    git(top, 'config', 'core.hooksPath', 'hk');
  },
  'a filter': filter('filter "x"', 'x'),
  'a filter process': filter('filter "x"', 'x', 'process'),
  'a filter in info/attributes': (trapped) => {
    filter('filter "x"', 'x')(trapped);
    renameSync(join(trapped.top, '.gitattributes'), join(trapped.top, '.git', 'info', 'attributes'));
  },
  "a filter of git's own large files": filter('filter "lfs"', 'lfs'),
  'a filter with = in its name': filter('filter "a=b"', 'a=b'),
  'a filter with dots': filter('filter "a.b.clean"', 'a.b.clean'),
  'a filter with a quote': filter(String.raw`filter "a\"b"`, 'a"b'),
  'a filter with an apostrophe and a dollar': filter(`filter "a'$(x)"`, `a'$(x)`),
  'a filter with a backslash': filter(String.raw`filter "a\\b"`, String.raw`a\b`),
  'a filter with a blank, which a quoted attribute names': (trapped) => {
    filter('filter "a b"', 'x')(trapped);
    put(join(trapped.top, '.gitattributes'), '"*" "filter=a b"\n* filter=a b\n');
  },
  'a filter in upper case': filter('FILTER "Xx"', 'Xx', 'CLEAN'),
  'a filter in the old form of sections': filter('filter.old', 'old'),
  'a filter named by nothing': filter('filter ""', ''),
  'a filter with letters beyond ASCII': filter('filter "ä\u202E"', 'ä\u202E'),
  'a filter of an included file': (trapped) => {
    put(join(trapped.top, '.git', 'more'), `[filter "y"]\n\tclean = ${trapped.trap}\n`);
    git(trapped.top, 'config', 'include.path', 'more');
    put(join(trapped.top, '.gitattributes'), '* filter=y\n');
  },
  'a filter of a file included on conditions': (trapped) => {
    put(join(trapped.top, '.git', 'more'), `[filter "y"]\n\tclean = ${trapped.trap}\n`);
    for (const condition of ['gitdir:/**', 'onbranch:**', 'hasconfig:remote.*.url:**'])
      appendFileSync(trapped.config, `[includeIf "${condition}"]\n\tpath = more\n`);
    put(join(trapped.top, '.gitattributes'), '* filter=y\n');
  },
  'a filter of the work tree alone': (trapped) => {
    git(trapped.top, 'config', 'extensions.worktreeConfig', 'true');
    put(join(trapped.top, '.git', 'config.worktree'), `[filter "z"]\n\tclean = ${trapped.trap}\n`);
    put(join(trapped.top, '.gitattributes'), '* filter=z\n');
  },
  'an external difference': settings('diff.external'),
  'a driver of differences': ({ top, trap }) => {
    for (const name of ['command', 'textconv', 'cachetextconv']) git(top, 'config', `diff.d.${name}`, trap);
    git(top, 'config', 'merge.d.driver', trap);
    put(join(top, '.gitattributes'), '* diff=d merge=d\n');
  },
  pagers: settings('core.pager', 'pager.status', 'pager.diff', 'pager.config', 'interactive.diffFilter'),
  aliases: settings('alias.status', 'alias.diff', 'alias.rev-parse', 'alias.config', 'alias.rev-list'),
  'whatever else names a program': settings(
    'core.sshCommand',
    'core.gitProxy',
    'core.askPass',
    'core.editor',
    'core.alternateRefsCommand',
    'gpg.program',
    'gpg.ssh.defaultKeyCommand',
    'credential.helper',
    'sequence.editor',
    'trailer.x.command',
    'uploadpack.packObjectsHook',
    'diff.tool',
    'difftool.x.cmd',
    'remote.origin.vcs',
    'sendemail.smtpServer',
  ),
  'a filter in a submodule': submodule((folder, trap) => {
    appendFileSync(join(folder, '.git', 'config'), `[filter "x"]\n\tclean = ${trap}\n`);
    put(join(folder, '.git', 'info', 'attributes'), '* filter=x\n');
  }),
  'a monitor in a submodule': submodule((folder, trap) => void git(folder, 'config', 'core.fsmonitor', trap)),
  'a missing object and a transport that is a program': lacking(
    (trap) =>
      `${promisor}\turl = ext::sh -c ${trap}\n[protocol "ext"]\n\tallow = always\n[protocol]\n\tallow = always\n`,
  ),
  'a missing object and a program at the other side': lacking(
    (trap, top) => `${promisor}\turl = ${top}\n\tuploadpack = ${trap}\n[protocol "file"]\n\tallow = always\n`,
  ),
  'a missing object and ssh': lacking(
    (trap) => `${promisor}\turl = ssh://h/x\n[protocol "ssh"]\n\tallow = always\n[core]\n\tsshCommand = ${trap}\n`,
  ),
};

async function look(top: string): Promise<Code> {
  const code = await codeAround(join(top, 'model.bin'), Date.now(), true);
  if (!code) throw new Error('no repository was found');
  return code;
}

for (const [name, lay] of Object.entries(traps))
  test.skipIf(!hasGit || !onPosix)(`nothing runs in a repository with ${name}`, async () => {
    const trapped = repository();
    const { top, wasSprung } = trapped;
    const commit = git(top, 'rev-parse', 'HEAD').trim();
    lay(trapped);
    rmSync(join(dirname(top), 'sprung'), { force: true });
    put(join(top, 'train.py'), 'lr = 0.2\n');
    const code = await look(top);
    await codeAround(join(top, 'model.bin'), Date.now() - 3_600_000, false);
    await isCommitted(join(top, 'train.py'), 'lr = 0.2\n');
    expect(wasSprung()).toBe(false);
    expect([commit, git(top, 'rev-parse', 'HEAD').trim()]).toContain(code.state?.commit);
    expect(code.state?.changed).not.toBe(false);
  });

test.skipIf(!hasGit || !onPosix)(
  'the same repository runs its filter when plain git looks, so these tests can fail',
  () => {
    const trapped = repository();
    filter('filter "a=b"', 'a=b')(trapped);
    put(join(trapped.top, 'train.py'), 'lr = 0.2\n');
    git(trapped.top, 'status');
    expect(trapped.wasSprung()).toBe(true);
  },
);

const secret = 'the word of another repository\n';

/** Makes a second repository with a secret in its commits. */
function another(): string {
  const { top } = repository();
  put(join(top, 'private.txt'), secret);
  git(top, 'add', '.');
  git(top, 'commit', '-q', '-m', 'private');
  return top;
}

const foreign: Record<string, (top: string) => void> = {
  'a .git file that names a repository elsewhere': (top) => {
    rmSync(join(top, '.git'), { recursive: true });
    put(join(top, '.git'), `gitdir: ${join(another(), '.git')}\n`);
  },
  'a .git that is a link to a repository elsewhere': (top) => {
    rmSync(join(top, '.git'), { recursive: true });
    symlinkSync(join(another(), '.git'), join(top, '.git'));
  },
  'a commondir that names a repository elsewhere': (top) => {
    put(join(top, '.git', 'commondir'), `${join(another(), '.git')}\n`);
  },
  'a .git file that names a linked worktree of another folder': (top) => {
    const other = another();
    git(other, 'worktree', 'add', '-q', join(dirname(other), 'linked'));
    rmSync(join(top, '.git'), { recursive: true });
    put(join(top, '.git'), `gitdir: ${join(other, '.git', 'worktrees', 'linked')}\n`);
  },
  'another work tree': (top) => void git(top, 'config', 'core.worktree', another()),
  'an alternate elsewhere, and a commit of it': (top) => {
    const other = another();
    put(join(top, '.git', 'objects', 'info', 'alternates'), `${join(other, '.git', 'objects')}\n`);
    put(join(top, '.git', 'HEAD'), git(other, 'rev-parse', 'HEAD'));
  },
  'objects that are links elsewhere, and a commit of them': (top) => {
    const other = another();
    git(other, 'gc', '-q');
    cpSync(join(top, '.git', 'objects'), join(top, '.git', 'kept'), { recursive: true });
    rmSync(join(top, '.git', 'objects', 'pack'), { recursive: true, force: true });
    symlinkSync(join(other, '.git', 'objects', 'pack'), join(top, '.git', 'objects', 'pack'));
    put(join(top, '.git', 'HEAD'), git(other, 'rev-parse', 'HEAD'));
  },
};

for (const [name, lay] of Object.entries(foreign))
  test.skipIf(!hasGit || !onPosix)(`nothing of elsewhere is told of a repository with ${name}`, async () => {
    const { top } = repository();
    lay(top);
    const code = await look(top);
    expect(code.diff).toBe(null);
    expect(code.missing).not.toEqual([]);
    expect(JSON.stringify(code)).not.toContain('private.txt');
  });

/** Returns an index with one path that git would never add itself. */
function indexWith(path: string): Buffer {
  const entry = Buffer.alloc(62 + path.length + (8 - ((62 + path.length) % 8)));
  entry.writeUInt32BE(0o100644, 24);
  Buffer.from('e69de29bb2d1d6434b8b29ae775ad8c2e48c5391', 'hex').copy(entry, 40);
  entry.writeUInt16BE(path.length, 60);
  entry.write(path, 62);
  const body = Buffer.concat([Buffer.from('DIRC'), Buffer.from([0, 0, 0, 2, 0, 0, 0, 1]), entry]);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

test.skipIf(!hasGit || !onPosix)('no file outside of the work tree is read because an index names it', async () => {
  const { top } = repository();
  const outside = put(join(dirname(top), 'outside.txt'), secret);
  git(top, 'hash-object', '-w', '/dev/null');
  symlinkSync(dirname(top), join(top, 'link'));
  for (const path of ['../outside.txt', 'data/../../outside.txt', outside, '.git/config', 'link/outside.txt']) {
    put(join(top, '.git', 'index'), indexWith(path));
    const code = await look(top);
    expect(code.diff ?? '').not.toContain(secret.trim());
    expect(code.diff ?? '').not.toContain('logallrefupdates');
    if (!path.startsWith('link')) expect(code.missing.join()).toContain('outside of the work tree');
  }
});

/** Returns the processes that name a folder in their arguments. */
function processesAt(folder: string): string[] {
  const lines = execFileSync('ps', ['-A', '-ww', '-o', 'stat=,args='], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line.includes(folder) && !line.trim().startsWith('Z') && !line.includes(' ps '));
}

test.skipIf(!hasGit || !onPosix)('a repository of FIFOs is given up in time, and no process is left', async () => {
  const { top } = repository();
  git(top, 'gc', '-q');
  execFileSync('sh', [
    '-c',
    'for f in "$1"/*.idx; do rm -f "$f"; mkfifo "$f"; done',
    '-',
    join(top, '.git', 'objects', 'pack'),
  ]);
  for (const run of [runGit, runGitBlocking]) {
    const opening = { runGit: run, deadline: performance.now() + 500 };
    const result = await withRepository(top, opening, (repository_) => repository_.run(['rev-parse', 'HEAD:train.py']));
    expect(result).toMatchObject({ outcome: 'late' });
    expect(processesAt(top)).toEqual([]);
  }
  for (const name of ['config', 'HEAD', 'index', 'packed-refs', 'shallow', 'info/exclude']) {
    const { top: folder } = repository();
    rmSync(join(folder, '.git', name), { force: true });
    execFileSync('mkfifo', [join(folder, '.git', name)]);
    await look(folder);
    expect(processesAt(folder)).toEqual([]);
  }
});

test.skipIf(!onPosix)('what git starts ends with it when its time is over', async () => {
  const folder = temporary();
  put(join(folder, 'git'), `#!/bin/sh\nsh -c 'exec sleep 300 ${folder}' &\nsleep 300\n`);
  chmodSync(join(folder, 'git'), 0o755);
  vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const run of [runGit, runGitBlocking]) {
    const call = { args: ['status'], cwd: folder, env: closedEnvironment(), maxBytes: 1024 };
    const { outcome } = await run({ ...call, deadline: performance.now() + 300 });
    expect(outcome).toBe('late');
    expect(processesAt(folder)).toEqual([]);
  }
});

test('git is looked for in absolute folders only, and hears none of its own variables', () => {
  const separator = process.platform === 'win32' ? ';' : ':';
  const absolute = join(temporary(), 'bin');
  const environment = { PATH: ['.', '', 'bin', absolute].join(separator), GIT_EXTERNAL_DIFF: 'x', GIT_SSH: 'x' };
  expect(closedEnvironment(environment)).toMatchObject({ PATH: absolute, GIT_ALLOW_PROTOCOL: 'none' });
  expect(Object.keys(closedEnvironment(environment))).not.toEqual(expect.arrayContaining(['GIT_SSH']));
});
