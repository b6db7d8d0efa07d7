import type { Command } from 'commander';
import { UsageError } from '../exit.ts';
import type { Open } from '../session.ts';

const chosenBy = { person: 'chosen for this model', policy: 'from plinth.yaml', versions: 'chosen automatically' };

/** Shows or sets the primary metric of a model. */
export function metric(program: Command, open: Open): void {
  program
    .command('metric <model> [name]')
    .description('show or set the primary metric of a model')
    .option('--auto', 'choose automatically: by plinth.yaml, otherwise by what the versions have in common')
    .action(async (model: string, name: string | undefined, { auto }: { auto?: boolean }) => {
      if (auto === true && name !== undefined) throw new UsageError('Give either a metric or --auto, not both.');
      const session = open();
      if (auto === true || name !== undefined)
        await session.call('POST /models/:model/metric', { model, metric: name ?? null });
      const { primaryMetric: found } = await session.call('GET /models/:model', { model });
      session.print(found, () => [
        found === null
          ? `${model} has no primary metric: none of its versions has a metric of quality.`
          : `${found.name} (${chosenBy[found.chosenBy]}${found.direction === null ? '' : `; ${found.direction} is better`})`,
      ]);
    });
}
