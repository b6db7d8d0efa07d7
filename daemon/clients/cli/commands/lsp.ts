import type { Command } from 'commander';
import type { Open } from '../session.ts';

export function lsp(program: Command, open: Open): void {
  program
    .command('lsp')
    .description('run the language server for editors')
    .option('--stdio', 'use standard input and output (the only transport)')
    .action(async () => {
      const { dataFolder, url } = open();
      process.env['PLINTH_DATA'] = dataFolder;
      if (url !== undefined) process.env['PLINTH_URL'] = url;
      await serveLanguage();
    });
}

/** Starts the language server, which is a file of its own in the bundle, so that no other command loads its library. */
async function serveLanguage(): Promise<void> {
  const place = import.meta.url.endsWith('.ts') ? '../../lsp/main.ts' : './lsp.js';
  const { serveStdio } = (await import(new URL(place, import.meta.url).href)) as typeof import('../../lsp/main.ts');
  serveStdio();
}
