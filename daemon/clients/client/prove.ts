import { randomBytes } from 'node:crypto';
import { get } from 'node:http';
import type { DaemonFile } from '../../protocol/handshake.ts';
import { isProof } from '../../protocol/proof.ts';

/**
 * What answers at the port of a daemon.json: `proven`: its service; `foreign`: another program; `old`: a service without proofs,
 * whose file has no key; `absent`: nothing in time.
 */
export type Standing = 'proven' | 'old' | 'foreign' | 'absent';

/** Asks for a proof of identity. Sends no token. */
export async function standingOf(file: Pick<DaemonFile, 'port' | 'proofKey'>, timeoutMs = 1000): Promise<Standing> {
  const { port, proofKey } = file;
  const nonce = randomBytes(24).toString('base64url');
  if (proofKey === undefined) return (await ask(port, '/health', timeoutMs)) === undefined ? 'absent' : 'old';
  const answer = await ask(port, `/proof?nonce=${nonce}`, timeoutMs);
  if (answer === undefined) return 'absent';
  return isProof(answer, proofKey, nonce, port) ? 'proven' : 'foreign';
}

/** Returns true if the service of a file proves its identity. */
export async function isProven(file: DaemonFile, timeoutMs?: number): Promise<boolean> {
  return (await standingOf(file, timeoutMs)) === 'proven';
}

/** Returns the reply, at most 200 characters; undefined if nothing answers in time. */
function ask(port: number, path: string, timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path, agent: false, timeout: timeoutMs }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
        if (text.length > 200) response.destroy();
      });
      response.on('close', () => resolve(text.slice(0, 200)));
      response.on('error', () => undefined);
    });
    const slow = setTimeout(() => request.destroy(), timeoutMs);
    request.on('error', () => resolve(undefined));
    request.on('close', () => {
      clearTimeout(slow);
      resolve(undefined);
    });
  });
}
