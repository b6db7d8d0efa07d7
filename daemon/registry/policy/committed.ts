import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';

const withinMs = 2000;

/**
 * Whether git's newest commit has this text of a file; null outside a repository, or where git does not answer in 2 s. git
 * only names an object: no filter, hook, monitor or other program of the repository's runs.
 */
export function isCommitted(path: string, text: string): Promise<boolean | null> {
  const settings = ['core.fsmonitor=false', 'core.hooksPath=/dev/null'].flatMap((setting) => ['-c', setting]);
  const args = ['-C', dirname(path), '--no-optional-locks', ...settings, 'rev-parse', '--verify', '-q'];
  return new Promise((resolve) => {
    const options = { timeout: withinMs, env: { ...process.env, GIT_TERMINAL_PROMPT: '0' }, windowsHide: true };
    execFile('git', [...args, `HEAD:./${basename(path)}`], options, (error, output) => {
      const id = output.trim();
      if (!error) resolve(/^[0-9a-f]{40,64}$/.test(id) ? id === objectId(text, id.length) : null);
      else resolve(error.code === 1 ? false : null);
    });
  });
}

/** git's name for these bytes as a file. */
function objectId(text: string, length: number): string {
  const bytes = Buffer.from(text);
  const hash = createHash(length === 64 ? 'sha256' : 'sha1');
  return hash.update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
