// Writes l10n/bundle.l10n.json: every text that the extension, its pages and the code they share with the command line pass to
// l10n.t(). With --check writes nothing, and fails when the file is out of date.
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import l10n from '@vscode/l10n-dev';

const top = join(import.meta.dirname, '..');
const file = join(top, 'l10n', 'bundle.l10n.json');
const sources = globSync(['extension/**/*.ts', 'webview/**/*.ts', 'daemon/shared/**/*.ts'], { cwd: top }).toSorted();
const contents = sources.map((source) => ({ extension: '.ts', contents: readFileSync(join(top, source), 'utf8') }));
const found = await l10n.getL10nJson(contents);
const text = `${JSON.stringify(Object.fromEntries(Object.entries(found).toSorted(([a], [b]) => (a < b ? -1 : 1))), null, 2)}\n`;

if (process.argv.includes('--check')) {
  if (!isCurrent()) {
    console.error('l10n/bundle.l10n.json is not up to date; run: npm run l10n');
    process.exit(1);
  }
} else {
  mkdirSync(join(top, 'l10n'), { recursive: true });
  writeFileSync(file, text);
}

function isCurrent() {
  try {
    return readFileSync(file, 'utf8') === text;
  } catch {
    return false;
  }
}
