import { RegistryError, isDiskFailure, isDiskFull, messageOf, systemCode } from '../errors.ts';

/**
 * Converts a system error that prevents a start, or an offline command, to a refusal in one sentence. Refusals and errors without
 * a system code, which are bugs, are returned unchanged.
 */
export function startRefusal(error: unknown, dataFolder: string): unknown {
  const system = systemCode(error);
  if (error instanceof RegistryError || system === undefined) return error;
  if (isDiskFull(error))
    return new RegistryError(
      'disk-full',
      `The disk of the data folder ${dataFolder} is full. Free some space, then start again.`,
    );
  if (!/^E[A-Z0-9]+$/.test(system) && !/^SQLITE_(READONLY|IOERR|CANTOPEN|PERM|BUSY|LOCKED)/.test(system)) return error;
  const reason = messageOf(error).split('\n', 1)[0];
  const text = isDiskFailure(system)
    ? `The disk of the data folder ${dataFolder} cannot be written (${reason}); check the disk, or name another folder with --data.`
    : `The data folder ${dataFolder} cannot be used (${reason}); mend that, or name another folder with --data.`;
  return new RegistryError('read-only', text, { system });
}
