import type { Command } from 'commander';
import { metricsText } from '../../../shared/event-text.ts';
import { absolute } from '../paths.ts';
import { versionOrLatest } from '../reference-args.ts';
import type { Open } from '../session.ts';
import { referenceTo } from '../../../shared/references.ts';

export function attach(program: Command, open: Open): void {
  program
    .command('attach <version> <file>')
    .description('add a file with metrics, params or a report to a version')
    .action(async (text: string, file: string) => {
      const session = open();
      const reference = versionOrLatest(text);
      const evidence = await session.call('POST /models/:model/versions/:version/attach', {
        ...reference,
        path: absolute(file),
      });
      const params = Object.keys(evidence.params).length;
      const what = [metricsText(evidence.metrics), params > 0 ? `${params} params` : '']
        .filter((part) => part !== '')
        .join(' · ');
      session.print(evidence, () => [
        `attached ${evidence.source} to ${referenceTo(reference.model, reference.version)}: ${what || 'kept as a report'} · event ${evidence.seq}`,
      ]);
    });
}
