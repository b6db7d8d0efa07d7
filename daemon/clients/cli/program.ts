import { Command } from 'commander';
import { alias } from './commands/alias.ts';
import { approvals, approve, reject, request } from './commands/approve.ts';
import { archive } from './commands/archive.ts';
import { attach } from './commands/attach.ts';
import { backup } from './commands/backup.ts';
import { bisect } from './commands/bisect.ts';
import { card } from './commands/card.ts';
import { check } from './commands/check.ts';
import { cleanUp } from './commands/prune.ts';
import { comment } from './commands/comment.ts';
import { completion } from './commands/completion.ts';
import { deleteVersion } from './commands/delete.ts';
import { describe } from './commands/describe.ts';
import { detach } from './commands/detach.ts';
import { diagnose } from './commands/diagnose.ts';
import { diff } from './commands/diff.ts';
import { env } from './commands/env.ts';
import { events } from './commands/events.ts';
import { CommandError, UsageError } from './exit.ts';
import { gate } from './commands/gate.ts';
import { exampleText, help } from './terminal/help.ts';
import { history } from './commands/history.ts';
import { holders } from './commands/holders.ts';
import { identify } from './commands/identify.ts';
import { ignore } from './commands/ignore.ts';
import { importStore } from './commands/import.ts';
import { init } from './commands/init.ts';
import { lock } from './commands/lock.ts';
import { ls } from './commands/ls.ts';
import { lsp } from './commands/lsp.ts';
import { metric } from './commands/metric.ts';
import { mcp } from './commands/mcp.ts';
import { mlflow } from './commands/mlflow.ts';
import { merge } from './commands/merge.ts';
import { move } from './commands/move.ts';
import { open as openPages } from './commands/open.ts';
import { path } from './commands/path.ts';
import { pause, resume } from './commands/pause.ts';
import { promote } from './commands/promote.ts';
import { rebuild } from './commands/rebuild.ts';
import { register } from './commands/register.ts';
import { rename } from './commands/rename.ts';
import { reproduce } from './commands/reproduce.ts';
import { restore } from './commands/restore.ts';
import { restoreBackup } from './commands/restore-backup.ts';
import { review } from './commands/review.ts';
import { rollback } from './commands/rollback.ts';
import { runs } from './commands/runs.ts';
import { scan } from './commands/scan.ts';
import { service } from './commands/service.ts';
import { serve } from './commands/serve.ts';
import { show } from './commands/show.ts';
import { status } from './commands/status.ts';
import { stop } from './commands/stop.ts';
import { tag } from './commands/tag.ts';
import { token } from './commands/token.ts';
import { policy, trust } from './commands/trust.ts';
import { undo } from './commands/undo.ts';
import { unwatch } from './commands/unwatch.ts';
import { verify } from './commands/verify.ts';
import { watch } from './commands/watch.ts';
import { webhook } from './commands/webhook.ts';
import { why } from './commands/why.ts';
import { openSession, urlOption, type Open } from './session.ts';
import { programVersion } from './program-version.ts';

/** Command groups, in the order of help, docs/commands.md and the README. */
const groups: Record<string, ((program: Command, open: Open) => void)[]> = {
  'Inspect:': [ls, show, openPages, diff, bisect, identify, history, holders, events, review, runs, why],
  'Register:': [watch, unwatch, pause, resume, scan, register, attach, detach, importStore, ignore],
  'Promote:': [promote, rollback, alias, undo],
  'Approve:': [init, check, gate, trust, policy, request, approve, reject, approvals],
  'Maintain:': [describe, metric, card, tag, comment, archive, restore, rename, move, merge, deleteVersion, cleanUp],
  'Use:': [path, reproduce, env, mlflow, lock, lsp, mcp],
  'Service:': [
    status,
    serve,
    service,
    stop,
    token,
    webhook,
    verify,
    backup,
    restoreBackup,
    rebuild,
    diagnose,
    completion,
    help,
  ],
};

/** Builds the command line. It throws instead of exiting, and leaves printing errors to its caller. */
export function plinth(): Command {
  const program = new Command('plinth')
    .description('A registry of the models that your training runs save: versions, comparison, promotion and rollback.')
    .version(programVersion())
    .option('--data <folder>', 'data folder (default: PLINTH_DATA, otherwise the standard folder of the platform)')
    .option('--url <address>', 'service on another machine (default: PLINTH_URL), with the token in PLINTH_TOKEN')
    .option('--json', 'print replies as JSON')
    .helpCommand(false)
    .configureOutput({ writeErr: () => undefined });
  const open: Open = () => openSession(program);
  for (const [group, commands] of Object.entries(groups)) {
    program.commandsGroup(group);
    for (const add of commands) add(program, open);
  }
  forEachCommand(program, prepare);
  program.hook('preAction', (_program, command) => assertPossible(program, command));
  return program;
}

/** Commands that work on the data folder of this machine. A service that is started here has nothing to do with PLINTH_URL. */
const ofDataFolder = new Set(['stop', 'backup', 'restore-backup', 'rebuild']);

/** Throws UsageError for a command that an address cannot be given to. */
function assertPossible(program: Command, command: Command): void {
  const { url } = program.opts<{ url?: string }>();
  const isOwn = ofDataFolder.has(command.name()) && urlOption(program) !== undefined;
  if (!isOwn && !(command.name() === 'serve' && url !== undefined)) return;
  const how = url === undefined ? 'Unset PLINTH_URL' : 'Leave out --url';
  throw new UsageError(
    `The command ${command.name()} works on the data folder of this machine. ${how}, or run it on the other machine.`,
  );
}

/** Visits a command and its subcommands. */
export function forEachCommand(command: Command, visit: (command: Command) => void): void {
  visit(command);
  for (const one of command.commands) forEachCommand(one, visit);
}

/** Makes errors name the called command, and its help end with examples. */
function prepare(command: Command): void {
  command.exitOverride((error) => {
    throw new CommandError(error, command);
  });
  command.addHelpText('after', () => exampleText(command));
}
