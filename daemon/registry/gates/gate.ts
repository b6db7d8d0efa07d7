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

/** A version as gates see it. Each part is read when it is first asked for. */
export interface Subject {
  readonly number: number;
  /** Bytes; 0 where none are owned. */
  readonly size: number;
  readonly pickle: string | null;
  readonly createdAt: Time;
  /** Who registered it, without the kind of client. */
  readonly author: string;
  /** The version's over the model's. */
  readonly tags: Readonly<Record<string, string>>;
  /** Its evidence that counts, what comes later over what comes before; and what is shown only, with why. */
  readonly counted: readonly Evidence[];
  readonly unused: readonly Evidence[];
  /** All that its evidence says that counts. */
  readonly metrics: Readonly<Record<string, number | string>>;
  readonly params: Readonly<Record<string, Json>>;
  readonly lineage: Lineage | null;
  readonly signature: { inputs: SignatureField[]; outputs: SignatureField[] } | null;
  /** Names of files that are attached to it. */
  readonly evidence: readonly string[];
  /** Finds a text by its file name: attached, of the version itself, or kept with its lineage. Undefined where there is none. */
  text(name: string): string | undefined;
}

/** All that a gate may look at; it does nothing but look. */
export interface Facts {
  readonly model: string;
  /** `production`, `@champion` */
  readonly pointer: string;
  readonly subject: Subject;
  readonly holder: Subject | null;
  /** By the clock on the wall; the log's may have been ahead once. */
  readonly now: Time;
  metric(name: string): MetricRule;
  /** The newest other versions, the newest first. */
  others(most: number): Subject[];
  /** Fields that the model's card does not fill. */
  missingOnCard(fields: readonly string[]): string[];
  /** Decisions about the version for this pointer that still count, the oldest first. */
  readonly approvals: readonly Approval[];
  /** Result of a gate's command; undefined where it was not run. */
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

/** Passed or failed by what is so. */
export function found(holds: boolean, detail: string, expected?: string, actual?: string): Finding {
  return holds ? passed(detail, expected, actual) : failed(detail, expected, actual);
}

function values(expected: string | undefined, actual: string | undefined): { expected?: string; actual?: string } {
  return { ...(expected === undefined ? {} : { expected }), ...(actual === undefined ? {} : { actual }) };
}

/** For people: six significant digits. */
export function numberText(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** Which evidence a gate accepts: all that counts, or only what does not go by place alone. */
export type Accepted = 'any' | 'strict';

/** A metric as a number; else what keeps it from being one. */
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

/** `; from metrics.json (same run)`; empty where nothing is known of a metric's source. */
export function fromText(subject: Subject, metric: string, accepted: Accepted = 'any'): string {
  const found = sayer(subject, metric, accepted);
  return found ? `; from ${sourceText(found)}` : '';
}

/** The evidence that a metric's value comes from. */
function sayer({ counted }: Subject, metric: string, accepted: Accepted): Evidence | undefined {
  return counted.findLast((one) => Object.hasOwn(one.metrics, metric) && (accepted === 'any' || isStrict(one.origin)));
}

function valueIn(metrics: Subject['metrics'] | undefined, metric: string): number | string | undefined {
  return metrics && Object.hasOwn(metrics, metric) ? metrics[metric] : undefined;
}

/** Skips the gate where there is no current version to compare with, or it is this one; undefined where it is another. */
export function nobodyElse({ holder, subject, pointer }: Facts): Finding | undefined {
  if (holder === null) return skipped(`${pointer} has no current version`);
  return holder.number === subject.number ? skipped(`v${subject.number} holds ${pointer} itself`) : undefined;
}
