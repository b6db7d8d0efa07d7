import { Executions } from '../../../daemon/ingest/executions/executions.ts';
import type { LivingProcess } from '../../../daemon/ingest/executions/process-look.ts';
import type { ProcessTable } from '../../../daemon/ingest/executions/process-table.ts';
import { tracedWriter, type TracedWriter, type TraceLine } from '../../../daemon/ingest/executions/process-trace.ts';
import { silent } from '../../../daemon/log.ts';

/** The decision about a file when the trace was recorded, and the decision now. */
export interface ReplayedDecision {
  path: string;
  before: TracedWriter;
  now: TracedWriter | undefined;
}

export function parseTrace(text: string): TraceLine[] {
  const lines = text.trim().split('\n');
  return lines.map((line) => JSON.parse(line) as TraceLine);
}

/** Removes what only this machine has: the project becomes `/project`. */
export function withoutMachine(text: string, project: string): string {
  return text.replaceAll(project, '/project').replaceAll(process.execPath, '/usr/bin/node');
}

/** Replays the requests to executions with the recorded clock and process table. */
export async function replay(lines: readonly TraceLine[]): Promise<ReplayedDecision[]> {
  const replies = Map.groupBy(
    lines.filter((line) => line.kind === 'reply'),
    ({ call }) => call,
  );
  const next = (call: string): unknown => replies.get(call as 'pids')?.shift()?.reply ?? undefined;
  let now = lines[0]?.at ?? 0;
  let roots: string[] = [];
  let answer: ((seen: LivingProcess[]) => void) | undefined;
  const table: ProcessTable = {
    look: () => new Promise((resolve) => (answer = resolve)),
    pids: () => next('pids') as number[],
    startOf: () => next('startOf') as string | undefined,
    fileAt: () => next('fileAt') as ReturnType<ProcessTable['fileAt']>,
    hiddenReason: () => next('hiddenReason') as string | undefined,
    close: async () => undefined,
  };
  const { signal } = new AbortController();
  const executions = new Executions({ ctx: { log: silent, now: () => now }, roots: () => roots, table, signal });
  const told = new Map<number, TracedWriter>();
  const decisions: ReplayedDecision[] = [];
  const paths = new Map<number, string>();
  for (const line of lines) {
    now = line.at;
    if (line.kind === 'roots') roots = line.roots;
    else if (line.kind === 'update') executions.update();
    else if (line.kind === 'change') executions.onChange();
    else if (line.kind === 'alive') executions.isAlive(line.id);
    else if (line.kind === 'asked') {
      paths.set(line.id, line.path);
      void executions
        .writerOf(line.path, line.root, line.writtenAt)
        .then((writer) => told.set(line.id, tracedWriter(writer)));
    } else if (line.kind === 'reply' && line.call === 'look') answer?.(next('look') as LivingProcess[]);
    else if (line.kind === 'told')
      decisions.push({ path: paths.get(line.id) ?? '', before: line.writer, now: told.get(line.id) });
    await new Promise((resolve) => setImmediate(resolve));
  }
  await executions.close();
  return decisions;
}
