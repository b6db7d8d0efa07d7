import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultDataFolder } from '../../config.ts';
import { maxPageItems } from '../../shared/paging.ts';
import { findDaemon } from '../client/discover.ts';
import { reachUrl } from '../client/remote.ts';
import { connect, type Client } from '../client/request.ts';
import { expectedAfter, namesFor, type CommandEntry } from './candidates.ts';

/** Time after which nothing is offered: a person waits for each key. */
const maxMs = 2000;

/**
 * Prints what may follow on a command line, one word a line, for `plinth __complete WORDS…`; the last word is the one to complete.
 * Never starts a service, and prints nothing if there is nothing or something fails. A file of its own, so that it loads in the
 * time of a key press.
 */
async function complete(words: readonly string[]): Promise<void> {
  const program = JSON.parse(readFileSync(join(import.meta.dirname, 'commands.json'), 'utf8')) as CommandEntry;
  const expected = expectedAfter(program, words);
  if (expected.kind === 'nothing') return;
  if (expected.kind === 'words') return print(expected.words);
  const client = await clientFor(words);
  if (client) print(namesFor(expected, (await client.call('GET /models', { limit: maxPageItems })).items));
}

async function clientFor(words: readonly string[]): Promise<Client | undefined> {
  const url = valueOf(words, '--url') ?? process.env['PLINTH_URL'];
  const token = process.env['PLINTH_TOKEN'] || undefined;
  if (url) return reachUrl(url, token, 'cli');
  const daemon = await findDaemon(valueOf(words, '--data') ?? defaultDataFolder());
  return daemon && connect({ ...daemon, ...(token !== undefined && { token }) }, 'cli');
}

function valueOf(words: readonly string[], option: string): string | undefined {
  const at = words.indexOf(option);
  return at < 0 ? undefined : words[at + 1];
}

function print(words: readonly string[]): void {
  if (words.length > 0) process.stdout.write(`${words.join('\n')}\n`);
}

/** Takes a blank last word for an empty one, as Windows PowerShell cannot pass an empty one. */
function wordsGiven(): string[] {
  const words = process.argv.slice(3);
  return words.at(-1)?.trim() === '' ? [...words.slice(0, -1), ''] : words;
}

setTimeout(() => process.exit(0), maxMs).unref();
await complete(wordsGiven()).catch(() => undefined);
