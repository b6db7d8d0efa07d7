import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { randomBytes } from 'node:crypto';

/** So long the code in a link is good. */
const goodForMs = 120_000;

/**
 * Opens a link that holds a one-time code with the platform's opener. What a program is given can be read by everybody
 * (`ps`), so that it is given a page of this user alone, in the data folder, which leads on. Its code is
 * of no use after two minutes, and the page is removed when another is opened.
 */
export function openLink(dataFolder: string, link: string): void {
  const folder = join(dataFolder, 'open');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  removeOld(folder);
  const page = join(folder, `${randomBytes(12).toString('hex')}.html`);
  writeFileSync(page, redirect(link), { mode: 0o600, flag: 'wx' });
  launch(process.platform === 'win32' ? pathToFileURL(page).href : page);
}

function removeOld(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const written = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - written > goodForMs) rmSync(path, { force: true });
  }
}

/** The link is escaped for JSON in a script, and cannot end the script: `<` is written as an escape. */
function redirect(link: string): string {
  const target = JSON.stringify(link).replaceAll('<', String.raw`\u003c`);
  return `<!DOCTYPE html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>Plinth</title><script>location.replace(${target})</script>\n`;
}

/** With the platform's own opener. */
function launch(target: string): void {
  const openers: Partial<Record<NodeJS.Platform, [string, string[]]>> = {
    darwin: ['open', [target]],
    win32: ['rundll32', ['url.dll,FileProtocolHandler', target]],
  };
  const [command, args] = openers[process.platform] ?? ['xdg-open', [target]];
  const child = spawn(command, args, { detached: true, stdio: 'ignore', windowsHide: true });
  child.on('error', () => undefined);
  child.unref();
}
