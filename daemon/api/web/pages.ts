import type { Express, Request, Response } from 'express';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RegistryError } from '../../errors.ts';
import { presentedToken, type RequestRights } from '../../access/authenticate.ts';
import { openPages } from '../../access/guard.ts';
import type { PageSessions } from '../../access/page-sessions.ts';

const types: Record<string, string> = { js: 'text/javascript', css: 'text/css' };

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const shell = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Plinth</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/pages/theme.css"><link rel="stylesheet" href="/pages/page.css">
</head><body><plinth-browser></plinth-browser>
<script type="module" src="/pages/browser.js"></script></body></html>`;

/** The pages for a browser: `plinth open` asks for a code, the page brings it in its fragment and gets a token for it, which speaks for whoever asked. */
export function servePages(app: Express, sessions: PageSessions, rights: RequestRights): void {
  app.get('/', (_request, response) => {
    response.setHeader('content-security-policy', policy);
    response.setHeader('referrer-policy', 'no-referrer');
    response.type('text/html').send(shell);
  });
  app.get('/pages/:asset', (request, response) => sendAsset(request, response));
  app.post('/pages/code', (request, response) => void response.json({ code: sessions.code(rights.of(request)) }));
  app.post(
    '/pages/ticket',
    (request, response) => void response.json({ ticket: sessions.ticket(presentedToken(request)) }),
  );
}

/** After the body was read: a code is answered with a token, once. */
export function serveExchange(app: Express, sessions: PageSessions): void {
  app.post('/pages/session', (request: Request, response: Response) => {
    const { code } = (request.body ?? {}) as { code?: unknown };
    const entered = typeof code === 'string' ? sessions.exchange(code) : undefined;
    if (!entered)
      throw new RegistryError(
        'unauthorized',
        'this link was used already or is too old; open another with: plinth open',
      );
    response.json({ token: entered.token, owner: entered.rights.owner, role: entered.rights.role });
  });
}

function sendAsset(request: Request, response: Response): void {
  const path = (openPages as readonly string[]).find((one) => one === request.path);
  const name = path?.slice('/pages/'.length) ?? '';
  const file = path === undefined ? undefined : assetAt(name);
  if (file === undefined) throw new RegistryError('not-found', `there is no ${request.path}`);
  response.type(types[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream').send(readFileSync(file));
}

/** Beside the bundle; of a checkout in its `dist`. */
function assetAt(name: string): string | undefined {
  const places = ['./webview/', '../../../dist/webview/'].map((place) =>
    fileURLToPath(new URL(place + name, import.meta.url)),
  );
  return places.find((place) => existsSync(place));
}
