import { CommanderError, type Command } from 'commander';
import { RegistryError, isDiskFailure, messageOf } from '../../errors.ts';
import { Unavailable } from '../client/unavailable.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import { exitCodes } from '../../protocol/handshake.ts';
import { SearchError } from '../../shared/search/filter-tokens.ts';

export interface Failure {
  exitCode: number;
  code: ErrorCode | 'usage' | 'unavailable' | 'already-running';
  message: string;
  details: Record<string, unknown>;
}

/** A usage error that commander cannot detect, such as a reference without a version. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** A usage error that commander found, or a request for help, with the command that was called. */
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

/** Returns the full name of a command: `plinth token create`. */
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
 * Converts an error to an exit code and message: a refusal, a usage error, no service, or a bug. `called`: the command that ran,
 * if any. Undefined if only help was requested.
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
  if (error instanceof UsageError || error instanceof CommanderError || error instanceof SearchError)
    return usageFailure(message, called);
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

/** Returns the exit code of a refusal. A disk that cannot be written is an I/O error; a folder without write permission is none. */
function exitCodeFor(code: ErrorCode, { system }: Record<string, unknown>): number {
  if (code === 'read-only' && typeof system === 'string' && isDiskFailure(system)) return exitCodes.io;
  return exitCodeOf[code] ?? exitCodes.internal;
}

/** Converts the absence of a service. The exit code of a service that refused to start is more specific and comes first. */
function unavailable({ message, exitCode }: Unavailable): Failure {
  if (exitCode === exitCodes.damaged) return { exitCode, code: 'damaged', message, details: {} };
  if (exitCode === exitCodes.io) return { exitCode, code: 'read-only', message, details: {} };
  return { exitCode: exitCodes.unavailable, code: 'unavailable', message, details: {} };
}

/** Converts a usage error to one line that ends with a pointer to the command's help, unless the message names a command itself. */
function usageFailure(message: string, command: Command | undefined): Failure {
  const says = message.includes('plinth ') || command === undefined;
  const line = message.replaceAll('\n', ' ');
  const text = says ? line : `${line.replace(/\.$/, '')}; see: ${pathOf(command)} --help`;
  return { exitCode: exitCodes.usage, code: 'usage', message: text, details: {} };
}
