import { existsSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import type { WritingProcess } from '../../protocol/lineage.ts';

/** A recorded command as it runs in a folder that the code was laid out in anew. */
export interface RecordedCommand {
  /** Absolute path of the folder to run it in. */
  folder: string;
  arguments: string[];
  /** Differences to the recorded command, each a part of a sentence. */
  missing: string[];
}

/**
 * Leads a command of `repository` to `folder`: paths inside the repository move along, an interpreter that git does not hold,
 * as of a virtual environment in the project, stays where it is. Of a sweep it is the command of this one job.
 */
export function recordedCommand(process: WritingProcess, repository: string, folder: string): RecordedCommand {
  const [program = '', ...rest] = process.job ?? process.command;
  const moved = (path: string): string =>
    path === repository || path.startsWith(repository + sep) ? join(folder, relative(repository, path)) : path;
  const isElsewhere = moved(process.folder) === process.folder;
  const found = programOf(program, process);
  const place = moved(process.folder);
  const missing = [
    ...(found === undefined ? [`its interpreter ${program} is gone`] : []),
    ...(isElsewhere ? [`it ran in ${process.folder}, outside of the repository`] : []),
    ...(rest.includes('[redacted]') ? ['a secret was taken out of its command'] : []),
  ];
  const inLaidOut = rest.map((argument) => {
    const at = argument.indexOf('=') + 1;
    return argument.slice(0, at) + moved(argument.slice(at));
  });
  return { folder: place, arguments: [found ?? 'python3', ...inLaidOut], missing };
}

/** A name on the PATH stays a name; a path is where it was, as the folder that is laid out anew holds no environment. */
function programOf(program: string, { folder, interpreter }: WritingProcess): string | undefined {
  if (!program.includes('/')) return program;
  const path = isAbsolute(program) ? program : join(folder, program);
  return [path, interpreter].find((one) => existsSync(one));
}
