import type { Command } from 'commander';
import type { LetGo } from '../../../protocol/policy.ts';
import type { Open } from '../session.ts';
import { referenceTo } from '../../../shared/references.ts';
import { sizeText } from '../../../shared/format.ts';

interface Options {
  apply?: boolean;
  reason?: string;
  candidates?: boolean;
}

export function cleanUp(program: Command, open: Open): void {
  program
    .command('clean-up [model]')
    .description('list the versions that are due for clean-up by the retention policy; changes nothing without --apply')
    .option('--apply', 'archive or delete them, as the policy says; can be undone for 7 days')
    .option('--reason <text>', 'reason, for the history')
    .option('--candidates', 'delete the bytes of saves of ended runs that did not become versions')
    .action(async (model: string | undefined, { apply, reason, candidates }: Options) => {
      const session = open();
      if (candidates) {
        const reply = await session.call('POST /candidates/clean-up', {});
        const saves = reply.saves === 1 ? '1 save' : `${reply.saves} saves`;
        return session.print(reply, () => [
          `gave up ${sizeText(reply.bytes)} of ${saves}; their versions are not touched`,
        ]);
      }
      const { versions } = await session.call('GET /retention', { model });
      if (!apply || versions.length === 0) return session.print({ versions }, () => proposal(versions));
      const names = versions.map((one) => referenceTo(one.model, one.number));
      const reply = await session.call('POST /retention', { versions: names, reason });
      session.print(reply, () =>
        reply.done.map((one) => `${one.act === 'delete' ? 'deleted' : 'archived'} ${line(one)}`),
      );
    });
}

function proposal(versions: readonly LetGo[]): string[] {
  if (versions.length === 0) return ['the rules let go of no version'];
  const bytes = versions.reduce((sum, { size }) => sum + size, 0);
  const many = versions.length === 1 ? '1 version' : `${versions.length} versions`;
  return [
    ...versions.map((one) => `${one.act} ${line(one)}`),
    `${many}, ${sizeText(bytes)}; nothing was changed. To do it: plinth clean-up --apply`,
  ];
}

function line({ model, number, reason, size }: LetGo): string {
  return `${referenceTo(model, number)}  ${sizeText(size)}  ${reason}`;
}
