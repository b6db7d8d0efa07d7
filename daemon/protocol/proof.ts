import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Returns the key with which a service proves that it has a token. It is stored in the private daemon.json and never sent. */
export function proofKeyOf(token: string): string {
  return createHash('sha256').update(`plinth proof key ${token}`).digest('hex');
}

/** Form of a nonce. */
export const nonceForm = /^[\w-]{22,64}$/;

/**
 * Returns the service's reply to a nonce. It includes the port that the client connected to, so that a process on another port
 * cannot pass on the reply of the real service.
 */
export function proofOf(key: string, nonce: string, port: number): string {
  return createHmac('sha256', key).update(`plinth proof ${nonce} 127.0.0.1:${port}`).digest('base64url');
}

export function isProof(given: string, key: string, nonce: string, port: number): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(proofOf(key, nonce, port))];
  return a.length === b.length && timingSafeEqual(a, b);
}
