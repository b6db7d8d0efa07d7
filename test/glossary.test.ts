import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { forEachCommand, plinth } from '../daemon/clients/cli/program.ts';

const top = join(import.meta.dirname, '..');

/** File names that a newcomer cannot understand without opening the file. GLOSSARY.md says which word to use. */
const retiredFiles =
  'apply-rules answering backlog basis basket beat below beside border breather by-hand captured claiming-files closest door findings focused gating hand-unit happenings hub-claims housekeeping keeping kept known late-evidence lineage-lines lock-reading locking making mentions naming-units notes-near opening own person pickle-verdict pickled picture placed publishing receiving scenes schema-rules seen sending showing strict turns'.split(
    ' ',
  );
/** Exported names whose word was replaced. */
const retiredNames =
  /^(twins?|heard|unasked|lookInto|lookAt|notNow|tend|say|speak|(longest|largest|deepest|least)[A-Z]\w*)$/;
/** Words that must not be part of any identifier, as in `unitsOf`. GLOSSARY.md says which word to use. */
const retiredParts = new Set(
  'backlog basis claim claimed claims debounced holder holders notes ruling rulings stamp stamps tell telling tells told unit units untold verdict verdicts weigh weighed weighing weighs'.split(
    ' ',
  ),
);
/** Identifiers that say nothing by themselves. Each of them had a dozen meanings. */
const retiredIdentifiers = new Set('Kept Known Place basisOf directionsAt'.split(' '));
/** Fields of replies and stored facts, a command, and a word of VS Code. These are contracts. */
const contracts = new Set(['holder', 'holders', 'placeHolder', 'verdict']);
/** Files about units of measure. */
const measures = new Set([
  'daemon/formats/hdf5/keras-layers.ts',
  'daemon/policy/gate-schema.ts',
  'daemon/shared/format.ts',
  'webview/components/text.ts',
]);
/** Words that must not be in any text for users. */
const retiredWords =
  /\b(pointers?|holders?|nobody|somebody|anew|bytes are damaged|is sound|lets? go of|past the gates|past failed|Ask for Approval|Watch Again)\b/i;

interface Source {
  path: string;
  text: string;
}

const sources: Source[] = ['daemon', 'extension', 'webview'].flatMap((folder) =>
  readdirSync(join(top, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path: join(folder, path), text: readFileSync(join(top, folder, path), 'utf8') })),
);

/** Returns the texts passed to `l10n.t` or `vscode.l10n.t`. */
function translatedTexts({ path, text }: Source): string[] {
  const calls = text.matchAll(/\bl10n\.t\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g);
  return [...calls].map(([, single, double]) => `${path}: ${single ?? double}`);
}

/** Returns the texts of `plinth --help` and the help of each command. */
function helpTexts(): string[] {
  const texts: string[] = [];
  forEachCommand(plinth(), (command) => {
    texts.push(`${command.name()}: ${command.description()}`);
    for (const option of command.options)
      if (!option.hidden) texts.push(`${command.name()} ${option.long}: ${option.description}`);
  });
  return texts;
}

test('no file bears a retired name', () => {
  const found = sources.filter(({ path }) => retiredFiles.includes(basename(path, '.ts')));
  expect(found.map(({ path }) => path)).toEqual([]);
});

test('no exported name is a retired word', () => {
  const found = sources.flatMap(({ path, text }) =>
    [...text.matchAll(/^export (?:async )?(?:function\*?|const|class|interface|type) (\w+)/gm)]
      .filter(([, name]) => retiredNames.test(name ?? ''))
      .map(([, name]) => `${path}: ${name}`),
  );
  expect(found).toEqual([]);
});

/** Returns all identifiers of a source, without comments and texts, but with the code inside of templates. */
function identifiersIn(text: string): Set<string> {
  const code = text
    .replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
    .replaceAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, '')
    .replaceAll(/`(?:[^`\\]|\\.)*`/g, (template) => (template.match(/\$\{[^}]*\}/g) ?? []).join(' '));
  return new Set(code.match(/[a-z_$][\w$]*/gi));
}

test('no identifier has a retired word as a part', () => {
  const isRetired = (name: string): boolean =>
    retiredIdentifiers.has(name) ||
    (!contracts.has(name) && name.split(/(?=[A-Z])|_/).some((part) => retiredParts.has(part.toLowerCase())));
  const found = sources
    .filter(({ path }) => !measures.has(path))
    .flatMap(({ path, text }) => [...identifiersIn(text)].filter(isRetired).map((name) => `${path}: ${name}`));
  expect(found).toEqual([]);
});

test('no text of the editor or of a page has a retired word', () => {
  const manifest = JSON.parse(readFileSync(join(top, 'package.nls.json'), 'utf8')) as Record<string, string>;
  const texts = [...Object.entries(manifest).map((entry) => entry.join(': ')), ...sources.flatMap(translatedTexts)];
  expect(texts.length).toBeGreaterThan(300);
  expect(texts.filter((text) => retiredWords.test(text.slice(text.indexOf(': '))))).toEqual([]);
});

test('no help of a command has a retired word', () => {
  const texts = helpTexts();
  expect(texts.length).toBeGreaterThan(100);
  expect(texts.filter((text) => retiredWords.test(text.slice(text.indexOf(': '))))).toEqual([]);
});

test('a refusal begins with a capital letter or with what it is about, and has no retired word', () => {
  const texts = sources.flatMap(({ path, text }) =>
    [
      ...text.matchAll(/new (?:RegistryError\(\s*'[\w-]+',|UsageError\()\s*(?:'([^'\n]*)'|`([^`\n]*)`|"([^"\n]*)")/g),
    ].map(([, ...said]) => `${path}: ${said.find((one) => one !== undefined)}`),
  );
  expect(texts.length).toBeGreaterThan(100);
  expect(texts.filter((text) => /^[^:]+: [a-z]/.test(text))).toEqual([]);
  const words = texts.map((text) => text.replaceAll(/\$\{[^}]*\}/g, '…'));
  expect(words.filter((text) => retiredWords.test(text.slice(text.indexOf(': '))))).toEqual([]);
});

test('each term of the glossary is in one line, in order', () => {
  const rows = readFileSync(join(top, 'GLOSSARY.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| **'));
  const terms = rows.map((row) => /\*\*(.+?)\*\*/.exec(row)?.[1]?.toLowerCase() ?? '');
  expect(terms.length).toBeGreaterThanOrEqual(30);
  expect(terms).toEqual(terms.toSorted());
});
