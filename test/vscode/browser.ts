import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { chromium, type Browser } from 'playwright-core';

const top = join(import.meta.dirname, '..', '..');

const switches = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost',
];

/** True when there is a browser that `openBrowser` can open. */
export function hasBrowser(): boolean {
  return installed() !== undefined || packed() !== undefined;
}

/** Opens the machine's Chromium, Chrome or Edge, or on Linux x64 the Chromium of the npm package. The browser can only reach this machine. */
export async function openBrowser(): Promise<Browser> {
  const path = installed();
  if (path !== undefined) return chromium.launch({ executablePath: path, args: switches });
  const folder = await unpacked(packed() ?? '');
  const env = { ...process.env, LD_LIBRARY_PATH: join(folder, 'lib'), FONTCONFIG_FILE: join(folder, 'fonts.conf') };
  return chromium.launch({ executablePath: join(folder, 'chromium'), args: switches, env });
}

function installed(): string | undefined {
  const chosen = process.env['PLINTH_BROWSER'];
  if (chosen !== undefined) return existsSync(chosen) ? chosen : undefined;
  return places().find((path) => existsSync(path));
}

function places(): string[] {
  if (process.platform === 'darwin')
    return ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
      (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
    );
  if (process.platform === 'win32') {
    const roots = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) => process.env[name] ?? []);
    return roots.flatMap((root) => [
      join(root, 'Google/Chrome/Application/chrome.exe'),
      join(root, 'Microsoft/Edge/Application/msedge.exe'),
    ]);
  }
  const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge'];
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name)));
}

/** Returns the folder of the package that contains a Chromium, when it can run here. */
function packed(): string | undefined {
  const folder = join(top, 'node_modules', '@sparticuz', 'chromium');
  const fits = process.platform === 'linux' && process.arch === 'x64';
  return fits && existsSync(join(folder, 'bin', 'chromium.br')) ? folder : undefined;
}

/**
 * Unpacks the binary, libraries and font once. The package's own function is not used, because it leaves out the libraries, and
 * its path in the temporary folder is the same for all versions.
 */
async function unpacked(from: string): Promise<string> {
  const { version } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8')) as { version: string };
  const folder = join(top, '.cache', `chromium-${version}`);
  if (existsSync(folder)) return folder;
  const aside = `${folder}.${process.pid}`;
  mkdirSync(aside, { recursive: true });
  const tar = createRequire(join(from, 'package.json'))('tar-fs') as { extract(to: string): NodeJS.WritableStream };
  const unpack = (name: string, to: NodeJS.WritableStream): Promise<void> =>
    pipeline(createReadStream(join(from, 'bin', name)), createBrotliDecompress(), to);
  await unpack('chromium.br', createWriteStream(join(aside, 'chromium'), { mode: 0o755 }));
  for (const name of ['al2023', 'fonts', 'swiftshader']) await unpack(`${name}.tar.br`, tar.extract(aside));
  writeFileSync(join(aside, 'fonts.conf'), fontsOf(folder));
  moveInto(aside, folder);
  return folder;
}

/** Moves it into place. Another process may have been faster. */
function moveInto(aside: string, folder: string): void {
  try {
    renameSync(aside, folder);
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

function fontsOf(folder: string): string {
  const folders = ['/usr/share/fonts', join(folder, 'fonts')].map((path) => `<dir>${path}</dir>`).join('');
  return `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>${folders}<cachedir>${folder}/font-cache</cachedir></fontconfig>`;
}
