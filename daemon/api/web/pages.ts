import type { Response } from 'express';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { RegistryError } from '../../errors.ts';
import { presentedToken } from '../../access/authenticate.ts';
import type { VersionRow } from '../../db/versions.ts';
import type { ReportRef } from '../../protocol/lineage.ts';
import { findModel, findVersion } from '../../registry/versions/resolve.ts';
import { keptReport } from '../endpoints/version-detail.ts';
import type { Exchange, RawRow, RawRows } from '../route.ts';
import { text } from '../schema.ts';
import type { Service } from '../service.ts';
import { parseRequest } from '../validate.ts';

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

/** Content security policy of reports. `sandbox` without exceptions: no script, no form, no window, and an opaque origin. */
const reportPolicy = [
  'sandbox',
  "default-src 'none'",
  "style-src 'unsafe-inline' data:",
  'img-src data:',
  'font-src data:',
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

/**
 * Pages for a browser. `plinth open` requests a code; the page gets it in its fragment and exchanges it for a token with the
 * rights of whoever requested it.
 */
export const pages = {
  'GET /': { role: 'open', touches: 'nothing', handler: (_service, { response }) => sendShell(response) },
  'GET /pages/browser.js': assetRow('browser.js'),
  'GET /pages/part/:name': { role: 'open', touches: 'nothing', handler: sendPart },
  'GET /pages/page.css': assetRow('page.css'),
  'GET /pages/theme.css': assetRow('theme.css'),
  'POST /pages/code': {
    role: 'viewer',
    touches: 'nothing',
    handler: (service, { response, rights }) => void response.json({ code: service.pages.code(rights()) }),
  },
  'POST /pages/ticket': {
    role: 'viewer',
    touches: 'nothing',
    handler: (service, { request, response }) =>
      void response.json({ ticket: service.pages.ticket(presentedToken(request)) }),
  },
  'POST /pages/report': { role: 'viewer', touches: 'nothing', handler: makeReportTicket },
  'GET /pages/report': { role: 'open', touches: 'nothing', handler: showReport },
  'POST /pages/session': { role: 'open', touches: 'nothing', handler: exchangeCode },
} satisfies RawRows;

function sendShell(response: Response): void {
  response.setHeader('content-security-policy', policy);
  response.setHeader('referrer-policy', 'no-referrer');
  response.type('text/html').send(shell);
}

const reported = z.strictObject({ model: text, version: text, path: text });

/** Replies with a one-time address at which a report can be opened as a document. */
function makeReportTicket(service: Service, { request, response }: Exchange): void {
  const asked = parseRequest(reported, request.body ?? {});
  keptReport(service.ctx, versionNamed(service, asked), asked.path);
  response.json({ path: `/pages/report?ticket=${service.pages.reportTicket(asked)}` });
}

/** Shows a report in an origin of its own, without scripts and network access, as its author is not trusted. */
async function showReport(service: Service, { request, response }: Exchange): Promise<void> {
  const { ticket } = request.query;
  const asked = typeof ticket === 'string' ? service.pages.redeemReport(ticket) : undefined;
  if (!asked) throw new RegistryError('gone', 'This link was already used or has expired. Open the report again.');
  const { digest, size, type } = keptReport(service.ctx, versionNamed(service, asked), asked.path);
  response.setHeader('content-security-policy', reportPolicy);
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('content-length', size);
  response.type(type);
  await service.ctx.blobs.send(digest, size, response);
}

function versionNamed({ ctx }: Service, { model, version }: ReportRef): VersionRow {
  return findVersion(ctx, findModel(ctx, model), version);
}

/** Exchanges a one-time code for a token. */
function exchangeCode(service: Service, { request, response }: Exchange): void {
  const { code } = (request.body ?? {}) as { code?: unknown };
  const entered = typeof code === 'string' ? service.pages.exchange(code) : undefined;
  if (!entered)
    throw new RegistryError(
      'unauthorized',
      'This link was already used or has expired. Open a new one with: plinth open',
    );
  response.json({ token: entered.token, owner: entered.rights.owner, role: entered.rights.role });
}

/** Makes a route for a file of the pages, which needs no token as it holds no data. */
function assetRow(name: string): RawRow {
  return { role: 'open', touches: 'nothing', handler: (_service, { response }) => sendAsset(name, response) };
}

/** Sends a part of the pages that is loaded when it is needed. Its name is a hash, so no other file can be named. */
function sendPart(_service: Service, { request, response }: Exchange): void {
  const name = String(request.params['name']);
  if (!/^\w+\.js$/.test(name)) throw new RegistryError('not-found', `There is no page /pages/part/${name}.`);
  sendAsset(`part/${name}`, response);
}

function sendAsset(name: string, response: Response): void {
  const file = assetAt(name);
  if (file === undefined) throw new RegistryError('not-found', `There is no page /pages/${name}.`);
  response.type(types[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream').send(readFileSync(file));
}

/** Returns the path of a page's file: in the bundle, or in a checkout's `dist`. Undefined for none. */
function assetAt(name: string): string | undefined {
  const places = ['./webview/', '../../../dist/webview/'].map((folder) =>
    fileURLToPath(new URL(folder + name, import.meta.url)),
  );
  return places.find((folder) => existsSync(folder));
}
