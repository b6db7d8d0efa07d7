import { spawn, spawnSync } from 'node:child_process';
import { isAbsolute } from 'node:path';

/** One call of git. It is ended, with everything that it started, at `deadline` (by `performance.now`). */
export interface GitCall {
  args: readonly string[];
  /** A folder in which only we create programs, as Windows searches it first for `git`. */
  cwd: string;
  env: Record<string, string>;
  deadline: number;
  maxBytes: number;
  input?: string;
}

export interface GitResult {
  /** `done`: see `status`. `late`: the deadline has passed. `large`: more than `maxBytes`. `absent`: git is not installed. */
  outcome: 'done' | 'late' | 'large' | 'absent';
  status: number | null;
  bytes: Buffer;
  output: string;
  /** Last line of its error output. */
  error: string;
}

export type RunGit = (call: GitCall) => Promise<GitResult>;

/** Returns the environment for git: the user's, without `GIT_…` variables and without relative folders in PATH. */
export function closedEnvironment(environment: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const kept =
    /^(HOME|USERPROFILE|HOMEDRIVE|HOMEPATH|XDG_CONFIG_HOME|SYSTEMROOT|WINDIR|TMPDIR|TEMP|TMP|PROGRAMDATA|APPDATA)$/i;
  const entries = Object.entries(environment).flatMap(([name, value]): [string, string][] => {
    if (value === undefined) return [];
    if (/^PATH$/i.test(name)) return [['PATH', absoluteFolders(value)]];
    return kept.test(name) ? [[name, value]] : [];
  });
  return {
    ...Object.fromEntries(entries),
    LC_ALL: 'C',
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_PAGER: 'cat',
    GIT_TERMINAL_PROMPT: '0',
  };
}

function absoluteFolders(path: string): string {
  const separator = process.platform === 'win32' ? ';' : ':';
  return path
    .split(separator)
    .filter((folder) => isAbsolute(folder))
    .join(separator);
}

/** Runs git and blocks until it has ended. For a worker thread, which may be closed at any moment and must leave nothing running. */
export const runGitBlocking: RunGit = async ({ args, cwd, env, deadline, maxBytes, input }) => {
  const timeout = Math.floor(deadline - performance.now());
  if (timeout <= 0) return resultOf('late', null, Buffer.alloc(0), '');
  const options = {
    cwd,
    env,
    timeout,
    input: Buffer.from(input ?? ''),
    maxBuffer: maxBytes,
    encoding: 'buffer' as const,
    // The types lack `detached`, which makes a process group of the child and everything that it starts.
    detached: process.platform !== 'win32',
    killSignal: 'SIGKILL' as const,
    windowsHide: true,
  };
  const { error, pid, status, stdout, stderr } = spawnSync('git', args, options);
  endGroup(pid);
  return resultOf(outcomeOf(error), status, stdout ?? Buffer.alloc(0), (stderr ?? '').toString());
};

/** Runs git without blocking, for the event loop. */
export const runGit: RunGit = ({ args, cwd, env, deadline, maxBytes, input }) =>
  new Promise((resolve) => {
    const detached = process.platform !== 'win32';
    const child = spawn('git', args, { cwd, env, detached, windowsHide: true, stdio: 'pipe' });
    const parts: Buffer[] = [];
    let outcome: GitResult['outcome'] = 'done';
    let size = 0;
    let error = '';
    const end = (why: GitResult['outcome']): void => {
      outcome = why;
      if (!endGroup(child.pid)) child.kill('SIGKILL');
      for (const pipe of [child.stdout, child.stderr]) pipe.destroy();
    };
    const leave = (): void => end('late');
    const timer = setTimeout(leave, Math.max(0, deadline - performance.now()));
    process.once('exit', leave);
    child.stdout.on('data', (part: Buffer) => {
      size += part.length;
      if (size > maxBytes) end('large');
      else parts.push(part);
    });
    child.stderr.on('data', (part: Buffer) => void (error = `${error}${part.toString()}`.slice(-4096)));
    child.stdin.on('error', () => undefined);
    child.on('error', () => void (outcome = 'absent'));
    child.on('close', (status) => {
      clearTimeout(timer);
      process.off('exit', leave);
      endGroup(child.pid);
      resolve(resultOf(outcome, status, Buffer.concat(parts), error));
    });
    child.stdin.end(input ?? '');
  });

/** Ends the processes that a call has left running. Returns false if there are none. */
function endGroup(pid: number | undefined): boolean {
  if (pid === undefined || pid <= 1 || process.platform === 'win32') return false;
  try {
    return process.kill(-pid, 'SIGKILL');
  } catch {
    return false;
  }
}

function outcomeOf(error: Error | undefined): GitResult['outcome'] {
  if (error === undefined) return 'done';
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ETIMEDOUT') return 'late';
  if (code === 'ENOBUFS') return 'large';
  return code === 'EPIPE' ? 'done' : 'absent';
}

function resultOf(outcome: GitResult['outcome'], status: number | null, bytes: Buffer, text: string): GitResult {
  return { outcome, status, bytes, output: bytes.toString(), error: text.trim().split('\n').at(-1) ?? '' };
}
