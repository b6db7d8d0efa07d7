import { existsSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import type { WritingProcess } from '../../protocol/lineage.ts';

/** A recorded command in the form that runs in a folder with a fresh copy of the code. */
export interface RecordedCommand {
  /** Absolute path of the folder to run it in. */
  folder: string;
  arguments: string[];
  /** Differences from the recorded command, each a part of a sentence. */
  missing: string[];
}

/**
 * Rewrites a command of `repository` for `folder`: paths inside the repository are changed, but an interpreter that git does not
 * contain, such as a virtual environment's, keeps its path. For a sweep, the command of this one job.
 */
export function recordedCommand(process: WritingProcess, repository: string, folder: string): RecordedCommand {
  const [program = '', ...rest] = process.job ?? process.command;
  const moved = (path: string): string =>
    path === repository || path.startsWith(repository + sep) ? join(folder, relative(repository, path)) : path;
  const isElsewhere = moved(process.folder) === process.folder;
  const found = programOf(program, process);
  const place = moved(process.folder);
  const missing = [
    ...(found === undefined ? [`its interpreter ${program} no longer exists`] : []),
    ...(isElsewhere ? [`it ran in ${process.folder}, outside of the repository`] : []),
    ...(rest.includes('[redacted]') ? ['a secret was taken out of its command'] : []),
  ];
  const inLaidOut = rest.map((argument) => {
    const at = argument.indexOf('=') + 1;
    return argument.slice(0, at) + moved(argument.slice(at));
  });
  return { folder: place, arguments: [found ?? 'python3', ...inLaidOut], missing };
}

/**
 * Returns the program: a name on the PATH stays a name, a path stays in the original folder, as the new one has no environment.
 * Undefined if it does not exist.
 */
function programOf(program: string, { folder, interpreter }: WritingProcess): string | undefined {
  if (!program.includes('/')) return program;
  const path = isAbsolute(program) ? program : join(folder, program);
  return [path, interpreter].find((one) => existsSync(one));
}
