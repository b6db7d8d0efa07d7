import { Command } from 'commander';
import { alias } from './alias.ts';
import { approvals, approve, reject, request } from './approve.ts';
import { archive } from './archive.ts';
import { attach } from './attach.ts';
import { backup } from './backup.ts';
import { bisect } from './bisect.ts';
import { card } from './card.ts';
import { check } from './check.ts';
import { cleanUp } from './clean-up.ts';
import { comment } from './comment.ts';
import { deleteVersion } from './delete.ts';
import { describe } from './describe.ts';
import { diff } from './diff.ts';
import { env } from './env.ts';
import { events } from './events.ts';
import { CommandError } from './exit.ts';
import { gate } from './gate.ts';
import { exampleText, help } from './help.ts';
import { history } from './history.ts';
import { holders } from './holders.ts';
import { identify } from './identify.ts';
import { ignore } from './ignore.ts';
import { importStore } from './import.ts';
import { init } from './init.ts';
import { lock } from './lock.ts';
import { ls } from './ls.ts';
import { lsp } from './lsp.ts';
import { metric } from './metric.ts';
import { mlflow } from './mlflow.ts';
import { move } from './move.ts';
import { open as openPages } from './open.ts';
import { path } from './path.ts';
import { pause, resume } from './pause.ts';
import { promote } from './promote.ts';
import { rebuild } from './rebuild.ts';
import { register } from './register.ts';
import { rename } from './rename.ts';
import { reproduce } from './reproduce.ts';
import { restore } from './restore.ts';
import { restoreBackup } from './restore-backup.ts';
import { review } from './review.ts';
import { rollback } from './rollback.ts';
import { scan } from './scan.ts';
import { serve } from './serve.ts';
import { show } from './show.ts';
import { status } from './status.ts';
import { stop } from './stop.ts';
import { tag } from './tag.ts';
import { token } from './token.ts';
import { policy, trust } from './trust.ts';
import { undo } from './undo.ts';
import { unwatch } from './unwatch.ts';
import { verify } from './verify.ts';
import { watch } from './watch.ts';
import { why } from './why.ts';
import { openSession, type Open } from './session.ts';
import { programVersion } from './version.ts';

/** By what people come for; help lists them so. */
const groups: Record<string, ((program: Command, open: Open) => void)[]> = {
  'Looking:': [ls, show, openPages, diff, bisect, identify, history, holders, events, review, why, status],
  'Registering:': [watch, unwatch, pause, resume, scan, register, attach, importStore, ignore, init, check],
  'Moving:': [gate, promote, rollback, alias, undo],
  'Deciding:': [request, approve, reject, approvals, trust, policy],
  'Keeping order:': [describe, metric, card, tag, comment, archive, restore, rename, move, deleteVersion, cleanUp],
  'Using:': [path, reproduce, env, mlflow, lock, lsp, verify],
  'Service:': [token, serve, stop, backup, restoreBackup, rebuild, help],
};

/** The whole command line. It throws instead of leaving, and leaves the telling of errors to its caller. */
export function plinth(): Command {
  const program = new Command('plinth')
    .description('A registry of the models your training runs save: versions, comparison, promotion and rollback.')
    .version(programVersion())
    .option('--data <folder>', 'data folder (default: PLINTH_DATA, else where the platform keeps such things)')
    .option('--json', 'print replies as JSON')
    .helpCommand(false)
    .configureOutput({ writeErr: () => undefined });
  const open: Open = () => openSession(program);
  for (const [group, commands] of Object.entries(groups)) {
    program.commandsGroup(group);
    for (const add of commands) add(program, open);
  }
  forEachCommand(program, prepare);
  return program;
}

/** Visits a command and all below it. */
export function forEachCommand(command: Command, visit: (command: Command) => void): void {
  visit(command);
  for (const one of command.commands) forEachCommand(one, visit);
}

/** What is wrong with a call is thrown with the command that was called; its help ends with examples. */
function prepare(command: Command): void {
  command.exitOverride((error) => {
    throw new CommandError(error, command);
  });
  command.addHelpText('after', () => exampleText(command));
}
