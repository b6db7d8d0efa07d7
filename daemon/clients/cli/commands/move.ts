import type { Command } from 'commander';
import { RegistryError } from '../../../errors.ts';
import { readAllPages } from '../../../shared/paging.ts';
import { referenceTo } from '../../../shared/references.ts';
import { versionNamed } from '../reference-args.ts';
import type { Open, Session } from '../session.ts';

export function move(program: Command, open: Open): void {
  program
    .command('move <version> <model>')
    .description('move a version, or with --all every version of a model, to another model')
    .option('--all', 'move all versions of a model, the oldest first; those that a stage or an alias points to stay')
    .action(async (text: string, to: string, { all }: { all?: boolean }) => {
      const session = open();
      if (all) return moveAll(session, text, to);
      const reference = versionNamed(text);
      const reply = await session.call('POST /models/:model/versions/:version/move', { ...reference, to });
      const { model, number } = reply.version;
      session.print(reply, () => [
        `${referenceTo(reference.model, reference.version)} is now ${referenceTo(model, number)}`,
      ]);
    });
}

async function moveAll(session: Session, model: string, to: string): Promise<void> {
  const { items: versions } = await readAllPages((page) =>
    session.call('GET /models/:model/versions', { model, ...page }),
  );
  const moved: { from: string; to: string }[] = [];
  const stayed: { version: string; reason: string }[] = [];
  for (const { number } of versions.toSorted((a, b) => a.number - b.number)) {
    const from = referenceTo(model, number);
    try {
      const { version } = await session.call('POST /models/:model/versions/:version/move', {
        model,
        version: String(number),
        to,
      });
      moved.push({ from, to: referenceTo(version.model, version.number) });
    } catch (error) {
      if (!(error instanceof RegistryError) || error.code !== 'held') throw error;
      stayed.push({ version: from, reason: error.message });
    }
  }
  session.print({ moved, stayed }, () => [
    ...moved.map((one) => `${one.from} is now ${one.to}`),
    ...stayed.map(({ version, reason }) => `${version} stays: ${reason}`),
    ...(versions.length === 0 ? [`${model} has no versions.`] : []),
  ]);
}
