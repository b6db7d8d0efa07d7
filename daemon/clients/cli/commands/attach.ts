import type { Command } from 'commander';
import { metricsText } from '../../../shared/event-text.ts';
import { absolute, existing } from '../paths.ts';
import { versionOrLatest, type VersionReference } from '../reference-args.ts';
import { withOwnProgress } from '../terminal/progress.ts';
import { clean } from '../terminal/sanitize.ts';
import type { Evidence } from '../../../protocol/evidence.ts';
import type { Open, Session } from '../session.ts';
import { referenceTo } from '../../../shared/references.ts';

export function attach(program: Command, open: Open): void {
  program
    .command('attach <version> <file>')
    .description('add a file with metrics, params or a report to a version')
    .action(async (text: string, file: string) => {
      const session = open();
      const reference = versionOrLatest(text);
      const evidence = await attachFile(session, reference, absolute(file));
      const params = Object.keys(evidence.params).length;
      const what = [metricsText(evidence.metrics), params > 0 ? `${params} params` : '']
        .filter((part) => part !== '')
        .join(' · ');
      session.print(evidence, () => [
        `attached ${evidence.source} to ${referenceTo(reference.model, reference.version)}: ${what || 'kept as a report'} · event ${evidence.seq}`,
      ]);
    });
}

/** Attaches a file: by its path, or by its bytes if the service is on another machine. */
async function attachFile(session: Session, reference: VersionReference, path: string): Promise<Evidence> {
  if (session.url === undefined)
    return session.call('POST /models/:model/versions/:version/attach', { ...reference, path });
  const { attachByUpload } = await import('../../client/upload.ts');
  const client = await session.client();
  return clean(await withOwnProgress('sending', (onSent) => attachByUpload(client, reference, existing(path), onSent)));
}
