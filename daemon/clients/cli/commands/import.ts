import type { Command } from 'commander';
import { absolute } from '../paths.ts';
import type { Open } from '../session.ts';
import { countOf } from '../../../shared/format.ts';

interface Options {
  anywhere?: boolean;
}

export function importStore(program: Command, open: Open): void {
  program
    .command('import <path>')
    .description('import models from mlflow.db or mlruns; repeated imports add only new ones')
    .option('--anywhere', 'also import files outside the folder of the store')
    .action(async (given: string, { anywhere }: Options) => {
      const session = open();
      const reply = await session.call('POST /import', { path: absolute(given), anywhere: anywhere ?? false });
      const { models, versions, known, runs, left } = reply;
      session.print(reply, () => [
        `imported ${countOf(versions, 'version')} of ${countOf(models, 'model')} with ${countOf(runs, 'run')}${known > 0 ? `; ${known} were here already` : ''}`,
        ...left.map((text) => session.screen.style('yellow', `left out: ${text}`)),
      ]);
    });
}
