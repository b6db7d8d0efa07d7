import { appendFileSync } from 'node:fs';
import type { Command } from 'commander';
import { CommandError, failureOf } from './clients/cli/exit.ts';
import { plinth } from './clients/cli/program.ts';
import { cleanText } from './shared/clean-text.ts';
import { refusalText } from './clients/cli/text/gate-failure.ts';
import { exitCodes } from './protocol/handshake.ts';
import { jsonText, dataFolderOf, logFile } from './clients/cli/session.ts';
import { watchOutput } from './clients/cli/terminal/screen.ts';

/** Runs the command line. An error becomes one line (with `--json` one JSON object) on standard error, and an exit code. */
async function main(argv: readonly string[]): Promise<void> {
  const program = plinth();
  let called: Command | undefined;
  program.hook('preAction', (_program, command) => void (called = command));
  watchOutput((error) => {
    if (!argv.includes('serve')) process.exit(error.code === 'EPIPE' ? exitCodes.ok : exitCodes.io);
  });
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommandError && error.cause.code === 'commander.help') error.command.outputHelp();
    else fail(program, error, called);
  }
}

function fail(program: Command, error: unknown, called: Command | undefined): void {
  const log = logOf(program);
  const failure = failureOf(error, log, called);
  if (!failure) return;
  if (failure.code === 'internal' && error instanceof Error) keepStack(log, error);
  const { exitCode, code, message, details } = failure;
  process.exitCode = exitCode;
  const isJson = program.opts<{ json?: boolean }>().json === true;
  process.stderr.write(
    isJson
      ? `${jsonText({ error: { code, message, details } }, false)}\n`
      : `plinth: ${cleanText(refusalText(code, message, details))}\n`,
  );
}

/** Returns the path of the log; `standard error` without a data folder. */
function logOf(program: Command): string {
  try {
    return logFile(dataFolderOf(program));
  } catch {
    return 'standard error';
  }
}

/** A bug's stack goes where its line points to; a log that cannot be written changes nothing. */
function keepStack(log: string, error: Error): void {
  const line = { level: 50, time: Date.now(), pid: process.pid, stack: error.stack, msg: 'a command failed' };
  try {
    appendFileSync(log, `${JSON.stringify(line)}\n`, { mode: 0o600 });
  } catch {
    process.stderr.write(`${error.stack}\n`);
  }
}

await main(process.argv);
