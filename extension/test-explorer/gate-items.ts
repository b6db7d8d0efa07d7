import * as l10n from '@vscode/l10n';
import type { PointerRef } from '../../daemon/protocol/model.ts';
import type { GatedModel, GatedPointer, GateReport, GateResult, PolicyPlace } from '../../daemon/protocol/policy.ts';
import { cleanText } from '../../daemon/shared/clean-text.ts';
import { currentVersionText, pointerText } from '../../daemon/shared/event-text.ts';

/** What the gates of Test Explorer look like, and which result belongs to which. Pure; no VS Code here. */

/** What an item of Test Explorer is about. */
export type GateSubject =
  | { kind: 'model'; model: GatedModel }
  | { kind: 'pointer'; model: GatedModel; pointer: PointerRef }
  /** `index`: which gate of the stage or alias it is, in the order of a report. */
  | { kind: 'gate'; index: number };

export interface GateItem {
  /** Unique among its siblings, and the same for the same gate after the policy changed elsewhere. */
  id: string;
  /** All that there is to say: VS Code reads a description to people who do not see the screen instead of the label, not with it. */
  label: string;
  /** Why the gates cannot be known; empty if they are. */
  error: string;
  path: string;
  place: PolicyPlace;
  subject: GateSubject;
  children: GateItem[];
}

/** Returns the item of a model, below it one a stage or alias with gates, and below that one a gate. */
export function gateItem(model: GatedModel): GateItem {
  return {
    id: model.model,
    label: cleanText(model.next === null ? l10n.t('{0} (no version)', model.model) : `${model.model} v${model.next}`),
    error: cleanText(model.problem ?? ''),
    path: model.policy.path,
    place: model.place,
    subject: { kind: 'model', model },
    children: model.pointers.map((pointer) => pointerItem(model, pointer)),
  };
}

function pointerItem(model: GatedModel, pointer: GatedPointer): GateItem {
  const { kind, name, holder, place } = pointer;
  return {
    id: pointerText(pointer),
    label: cleanText(`${pointerText(pointer)} → ${currentVersionText(holder)}`),
    error: '',
    path: model.policy.path,
    place,
    subject: { kind: 'pointer', model, pointer: { kind, name } },
    children: pointer.gates.map(({ gate, place: at }, index) => ({
      id: gateId(pointer.gates, index),
      label: cleanText(gate),
      error: '',
      path: model.policy.path,
      place: at,
      subject: { kind: 'gate', index },
      children: [],
    })),
  };
}

/** Returns a gate's name, with a number from the second gate of one name on. */
function gateId(gates: readonly { gate: string }[], index: number): string {
  const name = gates[index]?.gate ?? '';
  const before = gates.slice(0, index).filter(({ gate }) => gate === name).length;
  return before === 0 ? name : `${name} #${before + 1}`;
}

/** Returns the result of each gate, by its index; undefined for one that the policy has no more. `others` are results of no gate of the policy, such as `bytes`. */
export function resultsOf(
  gates: readonly { gate: string }[],
  report: Pick<GateReport, 'gates'>,
): { results: (GateResult | undefined)[]; others: GateResult[] } {
  const byId = new Map(report.gates.map((result, index) => [gateId(report.gates, index), result]));
  const results = gates.map((_, index) => {
    const id = gateId(gates, index);
    const found = byId.get(id);
    byId.delete(id);
    return found;
  });
  return { results, others: [...byId.values()] };
}

/** Kinds of gates whose required and actual value are one thing measured twice. Side by side they say more than a sentence. */
const measuring = ['metric', 'no_regression', 'improvement', 'budget', 'slices', 'same_data', 'signature', 'command'];

/** Returns the values to show side by side; undefined where the sentence says more, such as for missing tags. */
export function valuesOf({ gate, expected, actual }: GateResult): { expected: string; actual: string } | undefined {
  if (expected === undefined || actual === undefined || !measuring.includes(gate.split(' ', 1)[0] ?? ''))
    return undefined;
  return { expected: cleanText(expected), actual: cleanText(actual) };
}

/** Identifies the state that a result was computed for: another one makes results of the model stale. */
export function stateOf({ next, policy, problem, pointers }: GatedModel): string {
  return JSON.stringify([next, policy.digest, problem, pointers.map(({ kind, name, holder }) => [kind, name, holder])]);
}

/** Returns the lines that a run prints about a version and a stage or alias. */
export function outputLines(report: GateReport): string[] {
  const { model, number, gates } = report;
  const count = (outcome: GateResult['outcome']): number => gates.filter((one) => one.outcome === outcome).length;
  const counts = l10n.t('{0} passed, {1} failed, {2} skipped', count('passed'), count('failed'), count('skipped'));
  const lines = gates.map(({ gate, outcome, detail }) => `  ${outcome.padEnd(8)}${gate}: ${detail}`);
  return [`${model} v${number} → ${pointerText(report)}: ${counts}`, ...lines].map((line) =>
    cleanText(line.replaceAll(/\s+/g, (space) => (space.includes('\n') ? ' ' : space))),
  );
}
