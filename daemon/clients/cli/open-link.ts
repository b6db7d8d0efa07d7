import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { randomBytes } from 'node:crypto';

/** Lifetime of the code in a link, ms. */
const goodForMs = 120_000;

/**
 * Opens a link with a one-time code in the default browser. Other users can read a program's arguments (`ps`), so the program
 * gets a page in the data folder that only this user can read and that redirects to the link. The code expires after two minutes;
 * the page is removed when another one is opened.
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

/** Returns a page that redirects to a link. `<` is escaped, so that the link cannot end the script. */
function redirect(link: string): string {
  const target = JSON.stringify(link).replaceAll('<', String.raw`\u003c`);
  return `<!DOCTYPE html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>Plinth</title><script>location.replace(${target})</script>\n`;
}

/** Opens a file with the platform's default program. */
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
