import type { Gate } from '../../policy/gate-schema.ts';
import { RegistryError } from '../../errors.ts';
import type { GateResult } from '../../protocol/policy.ts';
import { age } from './age.ts';
import { approvals } from './approvals.ts';
import { budget } from './budget.ts';
import { card } from './card.ts';
import { command } from './command/command.ts';
import { evidence } from './evidence.ts';
import { failed, type Check, type Facts, type Finding } from './gate.ts';
import { git } from './git.ts';
import { improvement } from './improvement.ts';
import { lineage } from './lineage.ts';
import { metric } from './metric.ts';
import { noRegression } from './no-regression.ts';
import { pickle } from './pickle.ts';
import { sameData } from './same-data.ts';
import { signature } from './signature.ts';
import { slices } from './slices.ts';
import { tags } from './tags.ts';

const checks: { readonly [K in Gate['gate']]: Check<K> } = {
  metric,
  no_regression: noRegression,
  improvement,
  slices,
  same_data: sameData,
  budget,
  card,
  tags,
  evidence,
  pickle,
  git,
  lineage,
  age,
  signature,
  approvals,
  command,
};

/** Evaluates gates in order. A gate that cannot read its data fails. */
export function evaluate(gates: readonly Gate[], facts: Facts): GateResult[] {
  return gates.map((gate) => ({ gate: gateName(gate), ...shortened(finding(gate, facts)) }));
}

function finding(gate: Gate, facts: Facts): Finding {
  const check = checks[gate.gate] as (gate: Gate, facts: Facts) => Finding;
  try {
    return check(gate, facts);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return failed(`its input cannot be read: ${error.message}`);
  }
}

/** Returns a gate's name in reports: `metric accuracy`, `slices fairness.csv`, `signature`. */
export function gateName(gate: Gate): string {
  const about =
    'file' in gate ? gate.file : 'metric' in gate ? gate.metric : 'run' in gate ? gate.run.slice(0, 60) : undefined;
  return about === undefined ? gate.gate : `${gate.gate} ${about}`;
}

/** Cuts the texts of a finding, as one event holds all of them. */
function shortened({ outcome, detail, expected, actual }: Finding): Finding {
  return {
    outcome,
    detail: cutText(detail, 240),
    ...(expected === undefined ? {} : { expected: cutText(expected, 100) }),
    ...(actual === undefined ? {} : { actual: cutText(actual, 100) }),
  };
}

function cutText(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
