import * as l10n from '@vscode/l10n';
import type { MetricRow } from '../../protocol/comparison.ts';
import type { Pointer, Version } from '../../protocol/model.ts';
import type { GateReport, GateResult } from '../../protocol/policy.ts';
import { judge, type ComparedMetrics, type Judgement } from '../comparison-summary.ts';
import { pointerText } from '../event-text.ts';
import { rowFormat, shareText } from '../format.ts';
import { compareMetrics } from '../metrics.ts';
import {
  effectLine,
  loadersLine,
  type Loaders,
  type ReviewAct,
  type ReviewLine,
  type ReviewSign,
} from './review-line.ts';

/** What a review of a promotion is computed from. */
export interface PromotionFacts {
  report: GateReport;
  /** All stages and aliases of the model. */
  pointers: readonly Pointer[];
  /** The current version of the stage or alias; null for none. */
  current: Pick<Version, 'number' | 'stage' | 'aliases'> | null;
  /** Comparison of the version with the current one, which is the baseline; null if there is nothing to compare with. */
  comparison: ComparedMetrics | null;
  /** Metrics that come first, see `leadingMetrics`. */
  leading: readonly string[];
  loaders: Loaders;
}

/** The checklist that a person reads before a promotion. */
export interface PromotionReview {
  title: string;
  /** True if the gates pass, or if it is the current version already. */
  mayPromote: boolean;
  isCurrent: boolean;
  /** True if the policy asks for approvals. Only then is requesting one offered. */
  asksForApproval: boolean;
  /** Failed gates first. */
  gates: ReviewLine[];
  /** The most important differences, then the number of all. */
  differences: ReviewLine[];
  /** What happens to other versions, and who loads what is moved. */
  effects: ReviewLine[];
}

/** Reviews a promotion. Pure; editor, browser and command line show the same. */
export function reviewPromotion(facts: PromotionFacts): PromotionReview {
  const { report, comparison, leading, loaders } = facts;
  const isCurrent = report.holder === report.number;
  const loading = loadersLine(`${report.model}@${pointerText(report)}`.replace('@@', '@'), loaders);
  return {
    title: titleOf(report),
    mayPromote: report.allowed || isCurrent,
    isCurrent,
    asksForApproval: report.gates.some(({ gate }) => gate === 'approvals'),
    gates: gateLines(report),
    differences: comparison === null || isCurrent ? [] : differenceLines(comparison, leading),
    effects: [...(isCurrent ? [] : effectLines(facts)), ...(loading ? [loading] : [])],
  };
}

function titleOf({ model, number, gates, allowed, holder, ...pointer }: GateReport): string {
  const label = pointerText(pointer);
  if (allowed || holder === number) return l10n.t('Promote {0} v{1} → {2}', model, number, label);
  const failed = gates.filter(({ outcome }) => outcome === 'failed').length;
  return l10n.t('Cannot promote {0} v{1} to {2}: {3} of {4} gates failed', model, number, label, failed, gates.length);
}

/** Lists the gates, failed ones first. One that passed says what it found, one that failed what is missing. */
export function gateLines({ gates }: Pick<GateReport, 'gates'>): ReviewLine[] {
  const order = { failed: 0, passed: 1, skipped: 2 };
  return gates.toSorted((a, b) => order[a.outcome] - order[b.outcome]).map(gateLine);
}

function gateLine(result: GateResult): ReviewLine {
  const { gate, outcome, detail, actual } = result;
  const act = outcome === 'failed' ? actOf(result) : undefined;
  const line = { sign: outcome, text: gate, detail: outcome === 'passed' ? (actual ?? detail) : detail };
  return act === undefined ? line : { ...line, act };
}

/** Returns the act that may let a failed gate pass; undefined if only another version can. */
function actOf({ gate, actual }: GateResult): ReviewAct | undefined {
  if (gate === 'card') return 'edit-card';
  if (gate === 'tags') return 'edit-tags';
  if (gate === 'approvals') return 'request-approval';
  if (gate.startsWith('command ')) return actual === undefined ? 'trust-policy' : 'run-gates';
  return undefined;
}

const maxDifferences = 3;

const signs: Partial<Record<Judgement, ReviewSign>> = {
  better: 'better',
  worse: 'worse',
  'within-noise': 'within-noise',
};

/** Lists the most important judged differences, `val/auc 0.9021 → 0.9121 (+1.1 %)`: the leading metrics, then those that say most. */
function differenceLines({ metrics, versions }: ComparedMetrics, leading: readonly string[]): ReviewLine[] {
  const at = versions.length - 1;
  const judged = metrics.filter((row) => signs[judge(row, at)] !== undefined);
  const isNoise = (row: ComparedMetrics['metrics'][number]): boolean =>
    judge(row, at) === 'within-noise' && !leading.includes(row.name);
  const ordered = judged.toSorted(
    (a, b) => Number(isNoise(a)) - Number(isNoise(b)) || compareMetrics(a.name, b.name, leading),
  );
  const lines = ordered.slice(0, maxDifferences).map((row): ReviewLine => {
    return { sign: signs[judge(row, at)] ?? 'effect', text: differenceText(row, at), detail: '' };
  });
  const counts = countsText(metrics.map((row) => judge(row, at)));
  return [...lines, effectLine(counts === '' ? l10n.t('No judged metric differs') : counts)];
}

function differenceText({ name, values, deltas }: Pick<MetricRow, 'name' | 'values' | 'deltas'>, at: number): string {
  const [base, value] = [values[0], values[at]];
  if (typeof base !== 'number' || typeof value !== 'number') return `${name} ${plainText(base)} → ${plainText(value)}`;
  const format = rowFormat([base, value]);
  const share = shareText(base, deltas[at] ?? value - base);
  return `${name} ${format(base)} → ${format(value)}${share === '' ? '' : ` (${share})`}`;
}

function plainText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function countsText(judgements: readonly Judgement[]): string {
  const count = (kind: Judgement): number => judgements.filter((judgement) => judgement === kind).length;
  const parts: [number, string][] = [
    [count('better'), l10n.t('{0} better', count('better'))],
    [count('worse'), l10n.t('{0} worse', count('worse'))],
    [count('within-noise'), l10n.t('{0} within noise', count('within-noise'))],
    [count('unjudged'), l10n.t('{0} unjudged', count('unjudged'))],
    [count('not-comparable'), l10n.t('{0} not comparable', count('not-comparable'))],
  ];
  return parts
    .filter(([number]) => number > 0)
    .map(([, text]) => text)
    .join(' · ');
}

/** Says what becomes of the current version, and which stage the promoted one leaves. */
function effectLines({ report, pointers, current }: PromotionFacts): ReviewLine[] {
  const label = pointerText(report);
  const left = pointers.filter(
    ({ kind, name, holder }) =>
      report.kind === 'stage' && kind === 'stage' && holder === report.number && name !== report.name,
  );
  return [
    current === null ? effectLine(l10n.t('{0} is currently empty', label)) : formerLine(report, current),
    ...left.map(({ name }) => effectLine(l10n.t('v{0} leaves {1}, which is empty then', report.number, name))),
  ];
}

function formerLine(
  { kind, name }: GateReport,
  { number, stage, aliases }: Pick<Version, 'number' | 'stage' | 'aliases'>,
): ReviewLine {
  const kept = aliases.filter((alias) => kind === 'stage' || alias !== name).map((alias) => `@${alias}`);
  const keeps = kept.length === 0 ? '' : l10n.t('keeps {0}', kept.join(', '));
  if (kind === 'stage' && stage === name) return effectLine(l10n.t('v{0} goes to the archive', number), keeps);
  const stays = [l10n.t('stays in {0}', stage), keeps].filter((text) => text !== '').join(' · ');
  return effectLine(l10n.t('v{0} is no longer {1}', number, kind === 'alias' ? `@${name}` : name), stays);
}
