import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { forEachCommand, plinth } from '../../../daemon/clients/cli/program.ts';
import { commandLine, irisOutputs } from './plinth.ts';

const top = join(import.meta.dirname, '..', '..', '..');
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(top, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];
const { run, out, folder } = commandLine();

/** Registers the iris output that `npm start` replays, with the service that watches it. */
beforeAll(async () => {
  const outputs = irisOutputs(join(folder, 'demo'));
  mkdirSync(join(folder, 'watched'));
  await out('watch', join(folder, 'watched'));
  for (const version of ['v1', 'v2', 'v3'])
    await out('register', join(outputs, version, 'model.joblib'), '--model', 'iris');
  expect(await out('show', 'iris@3')).toContain('iris');
}, 30_000);

interface Block {
  language: string;
  text: string;
}

function blocksOf(text: string): Block[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = '', body = '']) => ({
    language,
    text: body,
  }));
}

/** Returns the words of a command line, without its comment. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(#.*)|(\S+)/g)]
    .filter(([, , , comment]) => comment === undefined)
    .map(([, double, single, , bare]) => double ?? single ?? bare!);
}

/** Returns the command lines for a checkout, one after another. */
function checkoutCommands(text: string): string[][] {
  return [...text.matchAll(/^ *npm run -s plinth -- (.*?)(?: {3,}.*)?$/gm)].map(([, line]) => wordsOf(line!));
}

const places: Record<string, string> = {
  'README.md': 'the README’s first steps',
  'scripts/start.mjs': 'what npm start proposes',
};

for (const [file, what] of Object.entries(places))
  test(`${what} work one after another, as they are written`, { timeout: 60_000 }, async () => {
    const source = readFileSync(join(top, file), 'utf8');
    const text = file.endsWith('.md')
      ? blocksOf(source)
          .filter(({ language }) => language === 'sh')
          .map((block) => block.text)
          .join('')
      : source;
    const commands = checkoutCommands(text);
    expect(commands.length).toBeGreaterThan(5);
    for (const args of commands) {
      if (args[0] === 'open') continue; // opens a browser
      const { code, stdout, stderr } = await run(...args);
      expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
      if (args[0] === 'rollback') expect(stdout).toContain('v2');
      if (args[0] === 'path') expect(existsSync(stdout.trim())).toBe(true);
    }
  });

test('every command that a page names is one, and takes what is written after it', () => {
  const program = plinth();
  forEachCommand(program, (command) => {
    if (command.commands.length === 0) command.action(() => undefined);
  });
  let count = 0;
  for (const page of pages) {
    const text = readFileSync(join(top, page), 'utf8');
    const inBlocks = blocksOf(text).flatMap((block) => (block.language === 'sh' ? block.text.split('\n') : []));
    const inline = [...text.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!);
    for (const line of [...inBlocks, ...inline]) {
      const written = /(?:^|\$\()(?:npm run -s )?plinth (?:-- )?([^)|>]*)/.exec(line)?.[1];
      const args = written === undefined ? [] : wordsOf(written);
      if (args.length === 0 || args[0]!.startsWith('COMMAND')) continue;
      count += 1;
      const called =
        args.length === 1 && !line.includes('-- ') && !inBlocks.includes(line) ? [args[0]!, '--help'] : args;
      try {
        program.configureOutput({ writeOut: () => undefined });
        program.parse(called, { from: 'user' });
      } catch (error) {
        const isFine =
          error instanceof Error && /outputHelp|argument missing|missing required|is invalid/.test(error.message);
        if (!isFine || inBlocks.includes(line))
          expect.soft(`${page}: plinth ${args.join(' ')}: ${String(error)}`).toBe('');
      }
    }
  }
  expect(count).toBeGreaterThan(20);
});

test('every plinth.yaml on a page has no mistake', async () => {
  for (const page of pages) {
    const policies = blocksOf(readFileSync(join(top, page), 'utf8')).filter(
      ({ language, text }) => language === 'yaml' && /^(watch|models|metrics|register):/m.test(text),
    );
    for (const [at, { text }] of policies.entries()) {
      const place = join(folder, 'policies', `${page.replaceAll('/', '-')}-${at}`);
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, 'plinth.yaml'), text);
      const { code, stdout, stderr } = await run('check', place);
      expect({ page, at, code, stdout: code === 0 ? '' : stdout, stderr }).toEqual({ page, at, code: 0, stdout: '', stderr: '' }); // prettier-ignore
    }
  }
});

test('every picture and page that a page links to is there', () => {
  for (const page of pages) {
    const links = [...readFileSync(join(top, page), 'utf8').matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(
      ([, link]) => link!,
    );
    const missing = links.filter((link) => !/^[a-z]+:/.test(link) && !existsSync(join(top, dirname(page), link)));
    expect(missing, page).toEqual([]);
  }
});

test('programs that render man pages find no mistake in ours', (context) => {
  const page = join(top, 'docs/plinth.1');
  const lint = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning', page], { encoding: 'utf8' });
  const env = { ...process.env, LC_ALL: 'C.UTF-8' };
  const man = spawnSync('man', ['--warnings', '-E', 'UTF-8', '-l', '-Tutf8', '-Z', page], { env, encoding: 'utf8' });
  if (lint.error && man.error) return context.skip('there is neither mandoc nor man');
  expect([lint.stdout ?? '', man.stderr ?? '']).toEqual(['', '']);
});
