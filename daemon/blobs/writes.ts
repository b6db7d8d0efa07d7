import { RegistryError, diskFull, isDiskFull, messageOf, systemCode } from '../errors.ts';
import type { Owned } from './copy.ts';
import { notDurable } from './durable.ts';

/** All writes to the store go through this. */
export interface Writes {
  failure(): string | undefined;
  /** Runs a write, and converts its errors to refusals. */
  attempt<T>(write: () => Promise<T>): Promise<T>;
  /** Records a blob that is on disk. Throws if the disk has failed meanwhile. */
  acknowledge(owned: Owned): { digest: string; size: number };
  run(write: () => Promise<Owned>, source?: string): Promise<{ digest: string; size: number }>;
  runNow(write: () => Owned): { digest: string; size: number };
}

/** Runs writes until one shows that the disk fails. Writes that end later are refused, since they may be lost as well. */
export function writesTo(onHealed: (digest: string) => void): Writes {
  let failure: string | undefined;
  const assertWritable = (): void => {
    if (failure !== undefined) throw new RegistryError('read-only', failure);
  };
  const refuse = (error: unknown, source?: string): never => {
    if (systemCode(error) === notDurable) {
      failure ??= `The registry can no longer be written (${messageOf(error)}). Check the disk, then restart the service.`;
      throw new RegistryError('read-only', failure);
    }
    if (isDiskFull(error)) throw diskFull();
    return source === undefined ? asThrown(error) : refuseSource(error, source);
  };
  const acknowledge = ({ sha256, size, healed }: Owned): { digest: string; size: number } => {
    assertWritable();
    if (healed) onHealed(`sha256:${sha256}`);
    return { digest: `sha256:${sha256}`, size };
  };
  return {
    failure: () => failure,
    attempt: async (write) => {
      assertWritable();
      return write().catch((error: unknown) => refuse(error));
    },
    acknowledge,
    run: async (write, source) => {
      assertWritable();
      return acknowledge(await write().catch((error: unknown) => refuse(error, source)));
    },
    runNow: (write) => {
      assertWritable();
      try {
        return acknowledge(write());
      } catch (error) {
        return refuse(error);
      }
    },
  };
}

function asThrown(error: unknown): never {
  throw error;
}

/** Throws the refusal for a file outside the store that its disk cannot read. */
export function refuseSource(error: unknown, path: string): never {
  if (systemCode(error) !== 'EIO') throw error;
  throw new RegistryError('damaged', `${path} cannot be read from its disk. Check the disk.`);
}
