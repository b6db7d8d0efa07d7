import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { until } from '../../support/daemon.ts';
import { hasBrowser, openBrowser } from '../../vscode/browser.ts';
import { commandLine } from './plinth.ts';

const onLinux = process.platform === 'linux';
const reason = hasBrowser() ? undefined : 'no Chromium, Chrome or Edge was found, and none came with npm';
const place = temporaryBin();
const { out, data } = commandLine({ PATH: `${place.folder}${delimiter}${process.env['PATH'] ?? ''}` });

/** A folder with an `xdg-open` that only writes down its argument. */
function temporaryBin(): { folder: string; told: string } {
  const folder = join(import.meta.dirname, '..', '..', '..', 'node_modules', '.cache', `plinth-open-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  const told = join(folder, 'told');
  writeFileSync(
    join(folder, 'xdg-open'),
    `#!/bin/sh\ntr '\\0' '\\n' < /proc/$$/cmdline > ${told}.new\nmv ${told}.new ${told}\n`,
  );
  chmodSync(join(folder, 'xdg-open'), 0o755);
  return { folder, told };
}

test.skipIf(!onLinux)(
  'the one-time code is in no program’s arguments: the opener gets a page of this user alone, which leads to the link',
  async () => {
    const { link } = JSON.parse(await out('open', '--json')) as { link: string };
    const code = new URLSearchParams(new URL(link).hash.slice(1)).get('code') ?? '';
    expect(code.length).toBeGreaterThan(20);
    await until(() => existsSync(place.told), 'the opener');
    const told = readFileSync(place.told, 'utf8').trim();
    expect(told).not.toContain(code);
    const page = told.split('\n').at(-1) ?? '';
    expect(dirname(page)).toBe(join(data, 'open'));
    expect(statSync(page).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(page)).mode & 0o777).toBe(0o700);
    expect(readFileSync(page, 'utf8')).toContain(code);
  },
);

test('a browser that opens the page comes to the registry', { timeout: 60_000 }, async (context) => {
  if (!onLinux || reason !== undefined) return context.skip(reason ?? 'only Linux opens by xdg-open');
  await out('open', '--json');
  await until(() => existsSync(place.told), 'the opener');
  const file = readFileSync(place.told, 'utf8').trim().split('\n').at(-1) ?? '';
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(file).href);
    await page.waitForURL(/^http:\/\/127\.0\.0\.1:\d+\//);
    await page.locator('plinth-browser').waitFor({ state: 'attached' });
  } finally {
    await browser.close();
  }
});
