import { homedir } from 'node:os';
import type { Context } from '../context.ts';
import { assertedBy } from '../db/policy/people.ts';
import { closedEnvironment, runGit } from '../git/run.ts';
import { localRights } from './tokens.ts';

const withinMs = 2000;
const longest = 200;

/**
 * Records the name and e-mail in the local user's git configuration if they differ from those recorded last. They are asserted,
 * not verified. Reads only the user's configuration, none of a repository, and runs nothing from it.
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

async function gitSays(key: string): Promise<string> {
  const args = ['config', '--global', '--get', key];
  const deadline = performance.now() + withinMs;
  const call = { args, cwd: homedir(), env: closedEnvironment(), deadline, maxBytes: 64 * 1024 };
  const { outcome, status, output } = await runGit(call);
  return outcome === 'done' && status === 0 ? output.trim().slice(0, longest) : '';
}
