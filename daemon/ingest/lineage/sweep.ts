import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { openRegular, readWhole } from '../../runtime/file-reader.ts';
import type { SeenProcess } from '../executions/process.ts';
import { redactedArguments } from '../../secrets/redact.ts';

const maxOverrides = 64 * 1024;
const multirun = ['-m', '--multirun'];

/**
 * Returns the command of one job of a Hydra sweep. The process was started with all values of each override; the job's folder
 * shows its own. Undefined for anything but a sweep. Source:
 * https://hydra.cc/docs/tutorials/basic/running_your_app/working_directory/
 */
export function jobOf({ command, script }: SeenProcess, folders: readonly string[]): string[] | undefined {
  if (script === null || !command.some((argument) => multirun.includes(argument))) return undefined;
  const places = folders.flatMap((folder) => [folder, dirname(folder)]);
  for (const place of new Set(places)) {
    const overrides = overridesIn(join(place, '.hydra', 'overrides.yaml'));
    if (overrides === undefined) continue;
    const end = command.findIndex(
      (argument) => script === argument || script.endsWith(`/${argument.replace(/^\.\//, '')}`),
    );
    if (end > 0) return [...command.slice(0, end + 1), ...redactedArguments(overrides)];
  }
  return undefined;
}

function overridesIn(path: string): string[] | undefined {
  try {
    const text = readWhole(openRegular(path), maxOverrides).toString('utf8');
    const list: unknown = parse(text, { maxAliasCount: 0, logLevel: 'silent' });
    return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : undefined;
  } catch {
    return undefined;
  }
}
