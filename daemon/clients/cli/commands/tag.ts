import type { Command } from 'commander';
import type { Changed } from '../../../protocol/shapes.ts';
import { UsageError } from '../exit.ts';
import { split } from '../reference-args.ts';
import type { Open } from '../session.ts';

export function tag(program: Command, open: Open): void {
  program
    .command('tag <reference> <pair>')
    .description('tag a model or a version with key=value; an empty value removes the tag')
    .action(async (text: string, pair: string) => {
      const session = open();
      const { model, version } = split(text);
      const { key, value } = parsePair(pair);
      const reply: Changed =
        version === undefined
          ? await session.call('POST /models/:model/tag', { model, key, value })
          : await session.call('POST /models/:model/versions/:version/tag', { model, version, key, value });
      session.print(reply, () => [
        `${value === null ? `untagged ${text} ${key}` : `tagged ${text} ${key}=${value}`} · event ${reply.seq}`,
      ]);
    });
}

function parsePair(pair: string): { key: string; value: string | null } {
  const at = pair.indexOf('=');
  if (at < 1) throw new UsageError(`Write a tag as key=value, not ${JSON.stringify(pair)}.`);
  const value = pair.slice(at + 1);
  return { key: pair.slice(0, at), value: value === '' ? null : value };
}
