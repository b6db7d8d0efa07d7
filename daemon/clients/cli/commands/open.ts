import type { Command } from 'commander';
import { urlOf } from '../../client/address.ts';
import { openLink } from '../open-link.ts';
import { runFolderIn, splitReferences } from '../../../shared/references.ts';
import { split } from '../reference-args.ts';
import type { Open, Session } from '../session.ts';

interface Options {
  print?: boolean;
}

export function open(program: Command, begin: Open): void {
  program
    .command('open [references...]')
    .description('open the registry, a model, a version, or a comparison of versions in the browser')
    .option('--print', 'only print the link; it works once, within two minutes')
    .action(async (references: string[], { print }: Options) => {
      const session = begin();
      const client = await session.client();
      const place = references.length > 1 ? { page: 'compare', versions: references } : placeOf(references[0]);
      await assertKnown(session, references.flatMap(splitReferences));
      const code = await client.pageCode();
      const fragment = new URLSearchParams({ code, place: JSON.stringify(place) });
      const link = `${urlOf(client.daemon)}/#${fragment.toString()}`;
      if (!print) openLink(session.dataFolder, link);
      session.print({ link }, () => [
        print ? link : `opened in your browser; if it shows nothing, or may not read the page, go to: ${link}`,
      ]);
    });
}

/** Throws if a reference does not exist; otherwise the browser alone would report that. */
async function assertKnown(session: Session, references: readonly string[]): Promise<void> {
  for (const reference of references.filter((one) => runFolderIn(one) === undefined)) {
    const { model, version } = split(reference);
    if (version === undefined) await session.call('GET /models/:model', { model });
    else await session.call('GET /models/:model/versions/:version', { model, version });
  }
}

function placeOf(reference: string | undefined): unknown {
  if (reference === undefined) return { page: 'models' };
  const references = splitReferences(reference);
  if (references.length > 1) return { page: 'compare', versions: references };
  const { model, version } = split(reference);
  return version === undefined ? { page: 'model', model } : { page: 'version', model, version };
}
