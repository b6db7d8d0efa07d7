import { RegistryError, isDiskFailure, isDiskFull, messageOf, systemCode } from '../errors.ts';

/**
 * What keeps a service or an offline command from the data folder, as one sentence. A refusal stays what it is, and so does
 * what no system call failed with: that is a bug.
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
