import { execFile } from 'node:child_process';
import type { Context } from '../context.ts';
import { assertedBy } from '../db/rules.ts';
import { localRights } from './tokens.ts';

const withinMs = 2000;
const longest = 200;

/**
 * Notes the name and e-mail that the local user's git goes by, where they are others than those noted last. Nobody has
 * checked them: they are asserted. Only the user's own configuration is read, none of a repository, and nothing of it runs.
 */
export async function notePerson(ctx: Context): Promise<void> {
  const [name, email] = await Promise.all([gitSays('user.name'), gitSays('user.email')]);
  if (name === '' && email === '') return;
  const person = localRights.owner;
  await ctx.commit({ actor: 'git' }, () => {
    const known = assertedBy(ctx.db, person, Number.MAX_SAFE_INTEGER);
    const isNew = known?.name !== name || known.email !== email;
    return { events: isNew ? [{ type: 'person.asserted/1', body: { person, name, email } }] : [], result: () => null };
  });
}

function gitSays(key: string): Promise<string> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));
  const options = { timeout: withinMs, env, windowsHide: true };
  return new Promise((resolve) => {
    execFile('git', ['config', '--global', '--get', key], options, (error, output) => {
      resolve(error ? '' : output.trim().slice(0, longest));
    });
  });
}
