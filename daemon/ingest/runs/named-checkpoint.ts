import { resolve } from 'node:path';
import type { Execution } from '../executions/executions.ts';
import { commandParams } from '../executions/command-params.ts';

/** Reads from a command line which checkpoint a training resumes from. */

/** An option that names a checkpoint by its absolute path, or says to take the newest one: then `path` is null. */
export interface NamedCheckpoint {
  option: string;
  path: string | null;
}

type StartedTraining = Pick<Execution, 'command' | 'script' | 'folder'>;

const resuming = /(^|_)resume(_|$)|^ckpt_path$|^(restore|continue)_from(_|$)/i;
const words = /^(auto|allow|must|latest|last|best|newest|yes|on|resume)$/i;
const negated = /^(no|off|none|never|false)?$/i;

/** Finds options such as `--resume out/last.ckpt`, `--resume_from_checkpoint=true` and Hydra's `trainer.ckpt_path=…`. */
export function namedCheckpoints({ command, script, folder }: StartedTraining): NamedCheckpoint[] {
  const params = commandParams({ command, script });
  return Object.entries(params).flatMap(([option, value]): NamedCheckpoint[] => {
    if (!resuming.test(option.slice(option.lastIndexOf('.') + 1))) return [];
    if (value === true || (typeof value === 'number' && value > 0)) return [{ option, path: null }];
    if (typeof value !== 'string' || negated.test(value)) return [];
    return [{ option, path: words.test(value) ? null : resolve(folder, value) }];
  });
}
