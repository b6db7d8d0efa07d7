import type { MetricRule } from '../../policy/policy.ts';
import type { GateOf, Gate } from '../../policy/gate-schema.ts';
import type { SignatureField } from '../../protocol/artifact.ts';
import type { Evidence } from '../../protocol/evidence.ts';
import type { Json } from '../../protocol/json.ts';
import type { Lineage } from '../../protocol/lineage.ts';
import type { Time } from '../../protocol/model.ts';
import { isStrict, sourceText } from '../../shared/evidence.ts';
import type { Approval } from '../../protocol/approval.ts';
import type { GateResult } from '../../protocol/policy.ts';

/** A version in the form for gates. Each part is read when it is first used. */
export interface Subject {
  readonly number: number;
  /** Size in bytes; 0 for external bytes. */
  readonly size: number;
  readonly pickle: string | null;
  readonly createdAt: Time;
  /** Person who registered it. */
  readonly author: string;
  /** Its tags, which override those of the model. */
  readonly tags: Readonly<Record<string, string>>;
  /** Evidence that counts, later over earlier; and evidence that is only shown, with the reason. */
  readonly counted: readonly Evidence[];
  readonly unused: readonly Evidence[];
  /** Metrics of the evidence that counts. */
  readonly metrics: Readonly<Record<string, number | string>>;
  readonly params: Readonly<Record<string, Json>>;
  readonly lineage: Lineage | null;
  readonly signature: { inputs: SignatureField[]; outputs: SignatureField[] } | null;
  /** Names of attached files. */
  readonly evidence: readonly string[];
  /** Returns a text by its file name: attached, in the version, or captured with its lineage. Undefined for none. */
  text(name: string): string | undefined;
}

/** Everything that a gate may read. Gates have no side effects. */
export interface Facts {
  readonly model: string;
  /** `production`, `@champion` */
  readonly pointer: string;
  readonly subject: Subject;
  readonly holder: Subject | null;
  /** Time of the system's clock; the log's may have been ahead once. */
  readonly now: Time;
  metric(name: string): MetricRule;
  /** Returns the newest other versions, newest first. */
  others(most: number): Subject[];
  /** Returns the fields that the model's card lacks. */
  missingOnCard(fields: readonly string[]): string[];
  /** Valid decisions about the version for this pointer, oldest first. */
  readonly approvals: readonly Approval[];
  /** Returns the result of a gate's command; undefined if it was not run. */
  command(run: string): Finding | undefined;
}

export type Finding = Omit<GateResult, 'gate'>;
export type Check<K extends Gate['gate']> = (gate: GateOf<K>, facts: Facts) => Finding;

export function passed(detail: string, expected?: string, actual?: string): Finding {
  return { outcome: 'passed', detail, ...values(expected, actual) };
}

export function failed(detail: string, expected?: string, actual?: string): Finding {
  return { outcome: 'failed', detail, ...values(expected, actual) };
}

export function skipped(detail: string): Finding {
  return { outcome: 'skipped', detail };
}

/** Returns a passed or failed finding. */
export function found(holds: boolean, detail: string, expected?: string, actual?: string): Finding {
  return holds ? passed(detail, expected, actual) : failed(detail, expected, actual);
}

function values(expected: string | undefined, actual: string | undefined): { expected?: string; actual?: string } {
  return { ...(expected === undefined ? {} : { expected }), ...(actual === undefined ? {} : { actual }) };
}

/** Formats a number with six significant digits. */
export function numberText(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** Evidence that a gate accepts: all that counts, or only that with a stronger rule than place. */
export type Accepted = 'any' | 'strict';

/** Returns a metric as a number, or a sentence on why it is none. */
export function measured(subject: Subject, metric: string, accepted: Accepted = 'any'): number | string {
  const { number, metrics } = subject;
  const value =
    accepted === 'any' ? valueIn(metrics, metric) : valueIn(sayer(subject, metric, accepted)?.metrics, metric);
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (value !== undefined) return `${metric} of v${number} is ${JSON.stringify(value)}, which is not a number`;
  const loose = accepted === 'strict' ? sayer(subject, metric, 'any') : undefined;
  if (loose) return `${metric} of v${number} is from ${sourceText(loose)}, which strict evidence leaves out`;
  const unused = subject.unused.find((one) => Object.hasOwn(one.metrics, metric));
  if (unused)
    return `v${number} has no metric ${metric}; ${unused.source} not used: ${unused.origin?.reason ?? 'unknown'}`;
  const known = Object.keys(metrics).slice(0, 6).join(', ');
  return `v${number} has no metric ${metric}; ${known === '' ? 'it has none' : `it has ${known}`}`;
}

/** Formats the source of a metric, `; from metrics.json (same run)`; empty if unknown. */
export function fromText(subject: Subject, metric: string, accepted: Accepted = 'any'): string {
  const found = sayer(subject, metric, accepted);
  return found ? `; from ${sourceText(found)}` : '';
}

/** Returns the evidence that a metric's value comes from; undefined for none. */
function sayer({ counted }: Subject, metric: string, accepted: Accepted): Evidence | undefined {
  return counted.findLast((one) => Object.hasOwn(one.metrics, metric) && (accepted === 'any' || isStrict(one.origin)));
}

function valueIn(metrics: Subject['metrics'] | undefined, metric: string): number | string | undefined {
  return metrics && Object.hasOwn(metrics, metric) ? metrics[metric] : undefined;
}

/** Skips the gate if there is no current version to compare with, or it is this one; undefined otherwise. */
export function nobodyElse({ holder, subject, pointer }: Facts): Finding | undefined {
  if (holder === null) return skipped(`${pointer} has no current version`);
  return holder.number === subject.number ? skipped(`v${subject.number} holds ${pointer} itself`) : undefined;
}
