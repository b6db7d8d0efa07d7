import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** The key with which a service proves that it has a token; it stands in the private daemon.json and is never sent. */
export function proofKeyOf(token: string): string {
  return createHash('sha256').update(`plinth proof key ${token}`).digest('hex');
}

/** What a nonce must look like. */
export const nonceForm = /^[\w-]{22,64}$/;

/**
 * What the service that holds the key answers to a nonce. The port that the client connected to is part of it: somebody who
 * listens on another port and asks the service there gets an answer that is of no use.
 */
export function proofOf(key: string, nonce: string, port: number): string {
  return createHmac('sha256', key).update(`plinth proof ${nonce} 127.0.0.1:${port}`).digest('base64url');
}

export function isProof(given: string, key: string, nonce: string, port: number): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(proofOf(key, nonce, port))];
  return a.length === b.length && timingSafeEqual(a, b);
}
