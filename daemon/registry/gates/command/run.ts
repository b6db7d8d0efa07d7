import { spawn } from 'node:child_process';
import { redacted } from '../../../secrets/redact.ts';

/** Result of a command. */
export interface Ran {
  /** Null if it was stopped or never started. */
  exit: number | null;
  /** One sentence if it did not exit with 0. */
  problem: string | null;
  /** Beginning and end of its output, at most 64 KiB, without secrets. */
  output: string;
}

export interface Running {
  run: string;
  folder: string;
  withinMs: number;
  env: Readonly<Record<string, string>>;
  /** Stops the command. */
  signal?: AbortSignal;
}

const keptBytes = 32 * 1024;
/** Output size at which a command is stopped. */
const floodBytes = 16 * 1024 * 1024;
/** Environment variables that a command inherits; none holds a token or a secret. */
const inherited =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|VIRTUAL_ENV|CONDA_PREFIX|SystemRoot|ComSpec|PATHEXT|USERPROFILE|APPDATA|LOCALAPPDATA)$/;

/** Runs a command by the shell, without input, in a process group of its own, which is stopped when its time is over. Never throws. */
export function runCommand({ run, folder, withinMs, env, signal }: Running): Promise<Ran> {
  return new Promise((resolve) => {
    const kept = outputKeeper();
    let problem: string | null = null;
    const options = { shell: true, cwd: folder, detached: process.platform !== 'win32', windowsHide: true };
    const child = spawn(run, { ...options, env: { ...environment(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const end = (why: string): void => {
      problem ??= why;
      killGroup(child.pid);
    };
    const timer = setTimeout(() => end(`it was ended after ${Math.round(withinMs / 1000)} s`), withinMs);
    const stop = (): void => end('it was ended because the registry service stopped');
    signal?.addEventListener('abort', stop);
    if (signal?.aborted === true) stop();
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        if (kept.add(chunk) > floodBytes) end('it was ended because it printed more than 16 MiB');
      });
    let done = false;
    const finish = (exit: number | null, otherwise: string | null): void => {
      if (done) return;
      done = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      killGroup(child.pid);
      resolve({ exit: problem === null ? exit : null, problem: problem ?? otherwise, output: redacted(kept.text()) });
    };
    child.on('error', (error) => finish(null, `it could not be started (${error.message})`));
    child.on('exit', (exit, signal) => {
      const why = signal !== null ? `it was killed by ${signal}` : exit === 0 ? null : `it exited with ${exit}`;
      // Background processes may keep the pipes open, so they are not waited for.
      setTimeout(() => finish(exit, why), 200).unref();
    });
    child.on('close', (exit, signal) => {
      const why = signal !== null ? `it was killed by ${signal}` : exit === 0 ? null : `it exited with ${exit}`;
      finish(exit, why);
    });
  });
}

function environment(): Record<string, string> {
  const known = Object.entries(process.env).filter(([name, value]) => inherited.test(name) && value !== undefined);
  return Object.fromEntries(known) as Record<string, string>;
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // The process has ended already.
  }
}

function outputKeeper(): { add(chunk: Buffer): number; text(): string } {
  let [first, last, total] = [Buffer.alloc(0), Buffer.alloc(0), 0];
  return {
    add: (chunk) => {
      total += chunk.length;
      const room = keptBytes - first.length;
      if (room > 0) first = Buffer.concat([first, chunk.subarray(0, room)]);
      const rest = room >= chunk.length ? chunk.subarray(chunk.length) : chunk.subarray(Math.max(0, room));
      last = Buffer.concat([last, rest]).subarray(-keptBytes);
      return total;
    },
    text: () => {
      const left = total - first.length - last.length;
      const between = left > 0 ? `\n… ${left} bytes left out …\n` : '';
      return left > 0 ? wholeLines(first, last, between) : Buffer.concat([first, last]).toString('utf8');
    },
  };
}

/** Joins the kept output. Lines at the cut are left out, as half a secret would not be recognised as one. */
function wholeLines(first: Buffer, last: Buffer, between: string): string {
  const end = first.lastIndexOf('\n');
  const begin = last.indexOf('\n');
  const head = end === -1 ? first : first.subarray(0, end);
  const tail = begin === -1 ? last : last.subarray(begin + 1);
  return head.toString('utf8') + between + tail.toString('utf8');
}
