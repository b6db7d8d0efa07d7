import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { absolute } from '../paths.ts';
import type { Open } from '../session.ts';

interface Options {
  from?: string;
}

export function card(program: Command, open: Open): void {
  program
    .command('card <model>')
    .description('print the card of a model, or a draft; with --from, write it')
    .option('--from <file>', 'use this Markdown file as the card')
    .action(async (model: string, { from }: Options) => {
      const session = open();
      if (from !== undefined) {
        const text = readFileSync(absolute(from), 'utf8');
        const reply = await session.call('POST /models/:model/card', { model, text });
        return session.print(reply, () => [`wrote the card of ${model}`]);
      }
      const found = await session.call('GET /models/:model/card', { model });
      const missing =
        found.missing.length === 0
          ? []
          : ['', session.screen.style('yellow', `not filled in: ${found.missing.join(', ')}`)];
      session.print(found, () => [...found.text.trimEnd().split('\n'), ...missing]);
    });
}
