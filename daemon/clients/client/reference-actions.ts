import type { Client } from './request.ts';
import type { ReferenceAct } from '../../protocol/code-action.ts';

/** Performs an action on the registry. Resolves to false for an action of another kind. Throws the registry's refusal. */
export async function doInRegistry(client: Pick<Client, 'call'>, act: ReferenceAct): Promise<boolean> {
  switch (act.act) {
    case 'set-alias': {
      const { model, alias, number } = act;
      await client.call('POST /models/:model/versions/:version/promote', { model, version: String(number), alias });
      return true;
    }
    case 'rename-model':
      await client.call('POST /models/:model/rename', { model: act.from, name: act.to });
      return true;
    case 'rename-alias':
      await renameAlias(client, act);
      return true;
    default:
      return false;
  }
}

/** Sets the new alias before the old one is removed, so that one of them always exists. */
async function renameAlias(
  client: Pick<Client, 'call'>,
  { model, from, to }: ReferenceAct & { act: 'rename-alias' },
): Promise<void> {
  const { pointers } = await client.call('GET /models/:model', { model });
  const holder = pointers.find(({ kind, name }) => kind === 'alias' && name === from)?.holder ?? null;
  if (holder === null) return;
  const reason = `@${from} is called @${to}`;
  const version = String(holder);
  await client.call('POST /models/:model/versions/:version/promote', { model, version, alias: to, reason });
  await client.call('POST /models/:model/unalias', { model, alias: from, expect: holder, reason });
}
