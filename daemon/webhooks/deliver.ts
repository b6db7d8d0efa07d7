import { createHmac } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions as HttpsOptions } from 'node:https';
import type { LookupFunction } from 'node:net';
import { messageOf } from '../errors.ts';
import { pinAddress } from './address.ts';
import type { StoredWebhook } from './store.ts';

const withinMs = 10_000;

/** Statuses of a receiver that may take the same notice later. Others below 500 are final. */
const temporary = new Set([408, 425, 429]);

/** Why a notice was not taken. */
export interface Refusal {
  problem: string;
  /** True if the receiver does not want this notice, so that sending it again would not help. */
  isFinal: boolean;
}

/**
 * Sends a body to a webhook. Returns why it was not taken; null if it was. Uses no proxy, follows no redirect, and reads nothing of
 * the answer but its status. Ends within 10 s, and at once when `closing` is aborted.
 */
export async function deliver(
  { url, allowPrivate, secret, ca }: Pick<StoredWebhook, 'url' | 'allowPrivate' | 'secret' | 'ca'>,
  body: string,
  { id, now }: { id: string; now: number },
  closing: AbortSignal,
): Promise<Refusal | null> {
  const signal = AbortSignal.any([closing, AbortSignal.timeout(withinMs)]);
  try {
    const target = new URL(url);
    const pinned = await unlessAborted(pinAddress(target.hostname, allowPrivate), signal);
    const lookup: LookupFunction = (_host, options, done) =>
      options.all === true ? done(null, [pinned]) : done(null, pinned.address, pinned.family);
    const time = Math.floor(now / 1000);
    const headers = {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'user-agent': 'plinth',
      'x-plinth-delivery': id,
      'x-plinth-signature': `t=${time},v1=${signatureOf(secret, time, body)}`,
    };
    const trust = { rejectUnauthorized: true, ...(ca !== undefined && { ca }) };
    const status = await post(target, { method: 'POST', headers, lookup, signal, agent: false, ...trust }, body);
    if (status >= 200 && status < 300) return null;
    if (status >= 300 && status < 400)
      return { problem: `It answered with a redirect (${status}), which is not followed.`, isFinal: true };
    return { problem: `It answered with status ${status}.`, isFinal: status < 500 && !temporary.has(status) };
  } catch (error) {
    const isLate = signal.aborted && !closing.aborted;
    return { problem: isLate ? 'It did not answer within 10 s.' : messageOf(error), isFinal: false };
  }
}

/** Rejects when the signal is aborted: a look-up of a name cannot be ended. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('It was stopped.')), { once: true });
    promise.then(resolve, reject);
  });
}

/** Returns the HMAC-SHA-256 of the time and the body, by which a receiver knows that it came from this registry, and when. */
export function signatureOf(secret: string, time: number, body: string): string {
  return createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
}

function post(target: URL, options: HttpsOptions, body: string): Promise<number> {
  const start = target.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = start(target, options, (response) => {
      response.resume();
      response.destroy();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', reject);
    request.end(body);
  });
}
