import { createHmac } from 'node:crypto';
import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { messageOf } from '../errors.ts';
import type { Webhook } from '../protocol/routes/webhooks.ts';
import { pinAddress } from './address.ts';

const withinMs = 10_000;

/**
 * Sends a body to a webhook. Returns why it was not taken, in one sentence; null if it was. Uses no proxy, follows no redirect, and
 * reads nothing of the answer but its status.
 */
export async function deliver(
  { url, allowPrivate }: Pick<Webhook, 'url' | 'allowPrivate'>,
  secret: string,
  body: string,
  { id, now }: { id: string; now: number },
): Promise<string | null> {
  try {
    const target = new URL(url);
    const pinned = await pinAddress(target.hostname, allowPrivate);
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
    const status = await post(target, { method: 'POST', headers, lookup, agent: false }, body);
    if (status >= 200 && status < 300) return null;
    return status >= 300 && status < 400
      ? `It answered with a redirect (${status}), which is not followed.`
      : `It answered with status ${status}.`;
  } catch (error) {
    return messageOf(error);
  }
}

/** Returns the HMAC-SHA-256 of the time and the body, by which a receiver knows that it came from this registry, and when. */
export function signatureOf(secret: string, time: number, body: string): string {
  return createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
}

function post(target: URL, options: RequestOptions, body: string): Promise<number> {
  const start = target.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = start(target, options, (response) => {
      response.resume();
      response.destroy();
      resolve(response.statusCode ?? 0);
    });
    const slow = setTimeout(() => request.destroy(new Error('It did not answer within 10 s.')), withinMs);
    request.on('close', () => clearTimeout(slow));
    request.on('error', reject);
    request.end(body);
  });
}
