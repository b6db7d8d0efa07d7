import { randomBytes } from 'node:crypto';
import { get } from 'node:http';
import type { DaemonFile } from '../../protocol/handshake.ts';
import { isProof } from '../../protocol/proof.ts';

/**
 * Who answers where a daemon.json points: `proven` is its service; `foreign` is somebody else, or a service of before proofs
 * where the file has no key (`old`); `absent` is nobody in time.
 */
export type Standing = 'proven' | 'old' | 'foreign' | 'absent';

/** Asks for a proof. No token is sent. */
export async function standingOf(file: DaemonFile, timeoutMs = 1000): Promise<Standing> {
  const { port, proofKey } = file;
  const nonce = randomBytes(24).toString('base64url');
  if (proofKey === undefined) return (await ask(port, '/health', timeoutMs)) === undefined ? 'absent' : 'old';
  const answer = await ask(port, `/proof?nonce=${nonce}`, timeoutMs);
  if (answer === undefined) return 'absent';
  return isProof(answer, proofKey, nonce, port) ? 'proven' : 'foreign';
}

/** True where the service that the file names answers with its proof. */
export async function isProven(file: DaemonFile, timeoutMs?: number): Promise<boolean> {
  return (await standingOf(file, timeoutMs)) === 'proven';
}

/** Returns the answer, at most 200 letters; undefined where nobody listens or answers in time. */
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
