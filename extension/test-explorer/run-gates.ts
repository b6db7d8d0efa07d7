import * as vscode from 'vscode';
import { messageOf } from '../../daemon/errors.ts';
import type { PointerRef } from '../../daemon/protocol/model.ts';
import type { GatedModel, GateReport, GateResult } from '../../daemon/protocol/policy.ts';
import { cleanText } from '../../daemon/shared/clean-text.ts';
import { pointerText } from '../../daemon/shared/event-text.ts';
import { hasUnrunCommands } from '../../daemon/shared/gate-reports.ts';
import type { Extension } from '../context.ts';
import { outputLines, resultsOf, valuesOf, type GateSubject } from './gate-items.ts';

/** The gates of one stage or alias that a run is about. */
export interface WantedGates {
  model: GatedModel;
  /** Undefined for a model whose policy has a mistake. */
  pointer: PointerRef | undefined;
  /** The item of the stage or alias; that of the model if its policy has a mistake. */
  item: vscode.TestItem;
  /** Items of gates by their index. */
  gates: Map<number, vscode.TestItem>;
}

/** Collects the gates below items. `subjectOf` fills an item that has not been opened. */
export function wantedGates(
  included: readonly vscode.TestItem[],
  excluded: readonly vscode.TestItem[],
  subjectOf: (item: vscode.TestItem) => GateSubject | undefined,
): WantedGates[] {
  const found = new Map<vscode.TestItem, WantedGates>();
  const groupOf = (item: vscode.TestItem): WantedGates | undefined => {
    const subject = subjectOf(item);
    if (subject === undefined || subject.kind === 'gate') return undefined;
    const { model } = subject;
    const group = { model, item, pointer: subject.kind === 'pointer' ? subject.pointer : undefined, gates: new Map() };
    found.set(item, found.get(item) ?? group);
    return found.get(item);
  };
  const walk = (item: vscode.TestItem): void => {
    if (excluded.includes(item)) return;
    const subject = subjectOf(item);
    if (subject?.kind === 'gate' && item.parent) groupOf(item.parent)?.gates.set(subject.index, item);
    else if (subject?.kind === 'model' && subject.model.problem !== null) groupOf(item);
    else item.children.forEach(walk);
  };
  included.forEach(walk);
  return [...found.values()];
}

interface Running {
  run: vscode.TestRun;
  token: vscode.CancellationToken;
  extension: Extension;
  /** Stages and aliases that failed by themselves in this run or one before. */
  refused: WeakSet<vscode.TestItem>;
}

/** Checks the gates, each stage and alias of a model at a time. `chosen`: versions other than the next ones, by model. */
export async function runGates(
  running: Running,
  wanted: readonly WantedGates[],
  chosen: ReadonlyMap<string, number>,
): Promise<void> {
  const { run, token } = running;
  for (const { gates } of wanted) for (const item of gates.values()) run.enqueued(item);
  for (const one of wanted) {
    if (token.isCancellationRequested) return;
    await check(running, one, chosen.get(one.model.model) ?? one.model.next);
  }
}

async function check(running: Running, wanted: WantedGates, number: number | null): Promise<void> {
  const { run } = running;
  const { model, pointer, item, gates } = wanted;
  const items = [...gates.values()];
  for (const one of items) run.started(one);
  try {
    if (pointer === undefined) return run.errored(item, messageAt(item, model.problem ?? ''));
    if (number === null) {
      print(run, [
        vscode.l10n.t('{0} has no version that could be promoted to {1}.', model.model, pointerText(pointer)),
      ]);
      return items.forEach((one) => run.skipped(one));
    }
    const began = performance.now();
    const report = await evaluate(running.extension, { model: model.model, number, pointer });
    print(run, outputLines(report));
    reportResults(running, wanted, report, (performance.now() - began) / Math.max(1, items.length));
  } catch (error) {
    for (const one of items) run.errored(one, messageAt(one, messageOf(error)));
  }
}

/** Evaluates gates as a dry run. Runs their commands if some have not run yet; the service runs none of a file that is not trusted. */
async function evaluate(
  { service }: Extension,
  { model, number, pointer }: { model: string; number: number; pointer: PointerRef },
): Promise<GateReport> {
  const request = { model, version: String(number), [pointer.kind]: pointer.name };
  const report = await service.call('GET /models/:model/versions/:version/gates', request);
  if (!hasUnrunCommands(report)) return report;
  return service.call('POST /models/:model/versions/:version/gates', request);
}

function reportResults(
  { run, refused }: Running,
  { model, pointer, item, gates }: WantedGates,
  report: GateReport,
  ms: number,
): void {
  const listed = model.pointers.find((one) => one.kind === pointer?.kind && one.name === pointer.name)?.gates ?? [];
  const { results, others } = resultsOf(listed, report);
  for (const [index, gate] of gates) {
    const result = results[index];
    if (result?.outcome === 'passed') run.passed(gate, ms);
    else if (result?.outcome === 'failed') run.failed(gate, failure(gate, result), ms);
    else run.skipped(gate);
  }
  // A refusal that is no gate of the file, such as a name that the policy forbids, is one of the whole stage.
  const refusals = others.filter(({ outcome }) => outcome === 'failed').map((result) => failure(item, result));
  if (refusals.length > 0) run.failed(item, refusals);
  else if (refused.has(item)) run.passed(item);
  if (refusals.length > 0) refused.add(item);
  else refused.delete(item);
}

function failure(item: vscode.TestItem, result: GateResult): vscode.TestMessage {
  const message = messageAt(item, `${result.gate}: ${result.detail}`);
  const values = valuesOf(result);
  if (values === undefined) return message;
  message.expectedOutput = values.expected;
  message.actualOutput = values.actual;
  return message;
}

function messageAt({ uri, range }: vscode.TestItem, text: string): vscode.TestMessage {
  const message = new vscode.TestMessage(cleanText(text));
  if (uri && range) message.location = new vscode.Location(uri, range);
  return message;
}

/** Prints lines, in which nothing can control a terminal. */
function print(run: vscode.TestRun, lines: readonly string[]): void {
  run.appendOutput(lines.map((line) => `${cleanText(line)}\r\n`).join(''));
}
