import { ErrorCode } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import { RegistryError, messageOf } from '../../errors.ts';
import { quoted } from './answer.ts';

/** Code of the protocol for a resource that there is not; the SDK has no name for it. */
const resourceNotFound = -32002;

/** Returns an error that the client gets with this code. Its text is shown in one line, with hidden characters as escapes. */
export function protocolError(code: number, message: string): Error {
  return Object.assign(
    new Error(
      quoted(message)
        .slice(1, -1)
        .replaceAll(String.raw`\"`, '"'),
    ),
    { code },
  );
}

/** Answers a request that has no result for failures: what it throws becomes an error with the code that the protocol has for it. */
export async function answered<T>(act: () => T | Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const message = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw protocolError(codeFor(error), message);
  }
}

function codeFor(error: unknown): number {
  if (error instanceof z.ZodError) return ErrorCode.InvalidParams;
  if (!(error instanceof RegistryError)) return ErrorCode.InternalError;
  if (error.code === 'not-found') return resourceNotFound;
  return error.code === 'invalid-request' ? ErrorCode.InvalidParams : ErrorCode.InternalError;
}
