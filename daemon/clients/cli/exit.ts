import { CommanderError, type Command } from 'commander';
import { RegistryError, isDiskFailure, messageOf } from '../../errors.ts';
import { Unavailable } from '../client/request.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import { exitCodes } from '../../protocol/handshake.ts';

export interface Failure {
  exitCode: number;
  code: ErrorCode | 'usage' | 'unavailable' | 'already-running';
  message: string;
  details: Record<string, unknown>;
}

/** Wrong use that commander cannot see, such as a reference that lacks its version. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** Wrong use that commander saw, or a wish for help, with the command that was called. */
export class CommandError extends Error {
  override readonly cause: CommanderError;
  readonly command: Command;

  constructor(cause: CommanderError, command: Command) {
    super(cause.message);
    this.name = 'CommandError';
    this.cause = cause;
    this.command = command;
  }
}

/** How a command is called: `plinth token create`. */
export function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

const exitCodeOf: Record<ErrorCode, number> = {
  'invalid-request': exitCodes.usage,
  unauthorized: exitCodes.unavailable,
  forbidden: exitCodes.unavailable,
  'not-found': exitCodes.notFound,
  conflict: exitCodes.conflict,
  'already-registered': exitCodes.conflict,
  held: exitCodes.conflict,
  gone: exitCodes.damaged,
  'gate-failed': exitCodes.conflict,
  'too-large': exitCodes.usage,
  'unsupported-type': exitCodes.usage,
  damaged: exitCodes.damaged,
  internal: exitCodes.internal,
  'read-only': exitCodes.cannotWrite,
  stopping: exitCodes.unavailable,
  'disk-full': exitCodes.io,
};

/**
 * Sorts what was thrown: a refusal, wrong use, no service, or a bug. `called` is the command that ran, where one did.
 * Undefined where only help was asked for.
 */
export function failureOf(error: unknown, log: string, called?: Command): Failure | undefined {
  if (error instanceof RegistryError) {
    const { code, details } = error;
    const message = code === 'internal' ? `${error.message}: ${log}` : error.message;
    return { exitCode: exitCodeFor(code, details), code, message, details };
  }
  if (error instanceof CommandError)
    return error.cause.exitCode === 0 ? undefined : usageFailure(error.message.replace(/^error: /, ''), error.command);
  const message = messageOf(error);
  if (error instanceof UsageError || error instanceof CommanderError) return usageFailure(message, called);
  if (error instanceof Unavailable) return unavailable(error);
  const name = error instanceof Error ? error.name : '';
  if (name === 'AlreadyRunning')
    return { exitCode: exitCodes.alreadyRunning, code: 'already-running', message, details: {} };
  return {
    exitCode: exitCodes.internal,
    code: 'internal',
    message: `${message.split('\n', 1)[0]}; more may be in ${log}`,
    details: {},
  };
}

/** A disk that cannot be written at all is an I/O error; a folder without the rights for it can be chosen anew. */
function exitCodeFor(code: ErrorCode, { system }: Record<string, unknown>): number {
  if (code === 'read-only' && typeof system === 'string' && isDiskFailure(system)) return exitCodes.io;
  return exitCodeOf[code] ?? exitCodes.internal;
}

/** Prefers the exit code that the service itself would have left with: it says more than that there is none. */
function unavailable({ message, exitCode }: Unavailable): Failure {
  if (exitCode === exitCodes.damaged) return { exitCode, code: 'damaged', message, details: {} };
  if (exitCode === exitCodes.io) return { exitCode, code: 'read-only', message, details: {} };
  return { exitCode: exitCodes.unavailable, code: 'unavailable', message, details: {} };
}

/** One line that ends with where the help of that command is, unless the message itself says what to call. */
function usageFailure(message: string, command: Command | undefined): Failure {
  const says = message.includes('plinth ') || command === undefined;
  const line = message.replaceAll('\n', ' ');
  const text = says ? line : `${line.replace(/\.$/, '')}; see: ${pathOf(command)} --help`;
  return { exitCode: exitCodes.usage, code: 'usage', message: text, details: {} };
}
