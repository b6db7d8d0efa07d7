import { join } from 'node:path';
import { unreadableReason } from '../../runtime/file-reader.ts';
import { redactedValues } from '../../secrets/redact.ts';
import { resultOf, type GroupedResult } from '../../runtime/grouped-calls.ts';
import { readGgufTokenizer } from '../../formats/gguf/gguf-tokenizer.ts';
import { readHubTokenizer } from '../../formats/text/tokenizer.ts';
import type { TokenizerReply } from '../../protocol/artifact.ts';
import { serve } from '../../runtime/worker-thread.ts';
import { openerIn } from '../artifact/file-source.ts';
import { readRunLog, type RunLog } from '../run-logs/cache.ts';
import type { Inspection, OpenFile, FileGroup } from '../artifact/recogniser.ts';
import { recognisers } from '../artifact/recognisers.ts';
import { recogniserByContent } from '../artifact/recognisers/first-bytes.ts';
import { openWriters, writerOf, type Writer } from '../executions/writers.ts';

/** Files to inspect by a recogniser. */
export interface InspectRequest {
  recogniser: string;
  folder: string;
  root: string;
  group: FileGroup;
  seesProcesses: boolean;
}

export interface InspectOperations {
  /** Inspects artifacts for at most `budgetMs`, at least the first one. */
  inspect: [readonly InspectRequest[], GroupedResult<Inspected>[]];
  /** Like `inspect`, for files in the blob store. `paths`: the path of each relative to `root`. */
  stored: [{ recogniser: string; root: string; group: FileGroup; paths: Record<string, string> }, Inspected];
  /** Returns the recogniser that each file's first bytes call for, '' for none. Unreadable files are left out. */
  firstBytes: [{ root: string; folder: string; names: readonly string[] }, Record<string, string>];
  /** Reads the values of a run log, named relative to `base`, for at most `budgetMs`; undefined if it cannot be read. */
  readRunLog: [{ root: string; base: string; path: string; ends: boolean }, RunLog | 'unfinished' | undefined, null];
  /** Reads tokenizer and chat template of a GGUF file, or of the Hugging Face folder that a file lies in. */
  tokenizer: [{ folder: string; root: string; primary: string }, TokenizerReply];
  /** Returns the processes that have files below a folder open for writing. */
  writers: [{ below: string }, Writer[]];
}

/** An inspection, and whether a process has one of the files open for writing. */
export type Inspected = Inspection & { writer: 'open' | 'none' | 'unknown' };

/** Time for one reading of a run log, and for one group of inspections. Other work, such as the end of another run, waits no longer than this. */
const budgetMs = 20;

serve<InspectOperations>({
  inspect: inspectGroup,
  stored: (request) => withoutSecrets(stored(request)),
  firstBytes: ({ root, folder, names }) =>
    Object.fromEntries(names.flatMap((name) => contentAt(join(folder, name), root).map((found) => [name, found]))),
  tokenizer,
  writers: ({ below }) => openWriters(below),
  readRunLog: ({ root, base, path, ends }, progress) => {
    const log = readRunLog(path, root, base, { ends, budgetMs, progress: () => progress(null) });
    return log === undefined || log === 'unfinished' ? log : redactParams(log);
  },
});

/** Removes secrets from a log's params, so that none leaves this thread. */
function redactParams(file: RunLog): RunLog {
  return { ...file, values: { ...file.values, params: redactedValues(file.values.params) } };
}

function withoutSecrets(inspected: Inspected): Inspected {
  if (!('facts' in inspected)) return inspected;
  return { ...inspected, facts: { ...inspected.facts, params: redactedValues(inspected.facts.params) } };
}

async function inspectGroup(requests: readonly InspectRequest[]): Promise<GroupedResult<Inspected>[]> {
  const until = performance.now() + budgetMs;
  const results: GroupedResult<Inspected>[] = [];
  for (const request of requests) {
    results.push(await resultOf(() => withoutSecrets(inspect(request))));
    if (performance.now() > until) break;
  }
  return results;
}

function inspect({ recogniser, folder, root, group, seesProcesses }: InspectRequest): Inspected {
  const found = recogniserOf(recogniser);
  if (!found) return { state: 'foreign', reason: `there is no recogniser ${recogniser}`, writer: 'unknown' };
  if (group.missing !== undefined) return { state: 'partial', reason: group.missing, writer: 'unknown' };
  const opener = openerIn(folder, root);
  try {
    const inspection = reportOpenFailure(opener, () =>
      withContent(found.inspect(group, opener.open), recogniser, group, opener),
    );
    const isAsked = seesProcesses && (inspection.state === 'whole' || inspection.state === 'unmarked');
    return { ...inspection, writer: isAsked ? writerOf(group.files.map((file) => join(folder, file))) : 'unknown' };
  } finally {
    opener.close();
  }
}

/** Adds the recogniser that the first bytes call for to a file that is not of its name's format. */
function withContent(
  inspection: Inspection,
  recogniser: string,
  { primary, files }: FileGroup,
  opener: { open: OpenFile },
): Inspection {
  if (inspection.state !== 'foreign' || files.length > 1) return inspection;
  const source = opener.open(primary);
  const content = source && recogniserByContent(source);
  return content === undefined || content === recogniser ? inspection : { ...inspection, content };
}

function stored({ recogniser, root, group, paths }: InspectOperations['stored'][0]): Inspected {
  const found = recogniserOf(recogniser);
  if (!found) return { state: 'foreign', reason: `there is no recogniser ${recogniser}`, writer: 'none' };
  const opener = openerIn(root, root);
  try {
    const open: OpenFile = (name) => (Object.hasOwn(paths, name) ? opener.open(paths[name] ?? '') : undefined);
    return { ...reportOpenFailure(opener, () => found.inspect(group, open)), writer: 'none' };
  } finally {
    opener.close();
  }
}

function contentAt(path: string, root: string): string[] {
  const opener = openerIn('', root);
  try {
    const source = opener.open(path);
    return source === undefined || source.size === 0 ? [] : [recogniserByContent(source) ?? ''];
  } finally {
    opener.close();
  }
}

function tokenizer({ folder, root, primary }: InspectOperations['tokenizer'][0]): TokenizerReply {
  const opener = openerIn(folder, root);
  try {
    const source = opener.open(primary);
    const isGguf = source !== undefined && Buffer.from(source.read(0, 4)).toString('latin1') === 'GGUF';
    return isGguf ? readGgufTokenizer(source) : readHubTokenizer(opener.open);
  } finally {
    opener.close();
  }
}

function recogniserOf(name: string): (typeof recognisers)[number] | undefined {
  return recognisers.find((known) => known.name === name);
}

/** Returns the inspection, or `unreadable` with the reason if a file could not be opened. */
function reportOpenFailure(opener: { failure: () => unknown }, inspect: () => Inspection): Inspection {
  const inspection = inspect();
  const failure = opener.failure();
  return failure === undefined ? inspection : { state: 'unreadable', reason: unreadableReason(failure) };
}
