import type { Evidence, EvidenceOrigin, EvidenceRule } from '../protocol/evidence.ts';

type Said = Pick<Evidence, 'seq' | 'source' | 'origin'>;

/** Rules that hold by what is known, and not by where a file lies. */
const strictRules = new Set<EvidenceRule>(['inside', 'same-run', 'evaluated', 'given']);

export function isCounted({ origin }: Pick<Evidence, 'origin'>): boolean {
  return origin?.rule !== 'not-used';
}

/** True for origins that a policy with `evidence: strict` accepts. */
export function isStrict(origin: EvidenceOrigin | undefined): boolean {
  return origin !== undefined && strictRules.has(origin.rule);
}

/**
 * The evidence of a version that counts: the newest word of each source, in the order in which it is laid over each other. Series
 * come first, so that what the artifact or a result says of a metric wins; after them the newest counts.
 */
export function countedEvidence<T extends Said>(all: readonly T[]): T[] {
  const newest = new Map<string, T>();
  for (const one of all.filter(isCounted)) {
    const known = newest.get(one.source);
    if (known === undefined || known.seq < one.seq) newest.set(one.source, one);
  }
  const rank = ({ origin }: T): number => (origin?.isSeries === true ? 0 : 1);
  return [...newest.values()].toSorted((a, b) => rank(a) - rank(b) || a.seq - b.seq);
}

/** Evidence that is shown but does not count: the newest word of each source of which nothing counts. */
export function unusedEvidence<T extends Said>(all: readonly T[]): T[] {
  const counted = new Set(all.filter(isCounted).map(({ source }) => source));
  const newest = new Map(all.filter(({ source }) => !counted.has(source)).map((one) => [one.source, one]));
  return [...newest.values()];
}

const ruleWords: Readonly<Record<EvidenceRule, string>> = {
  inside: 'inside the artifact',
  'same-run': 'same run',
  beside: 'beside the artifact',
  evaluated: 'evaluated',
  'by-place': 'by place',
  given: 'given',
  'not-used': 'not used',
};

/** `same run`, `not used`, `of unknown origin`: the rule by which evidence counts. */
export function ruleText(origin: EvidenceOrigin | undefined): string {
  return origin === undefined ? 'of unknown origin' : ruleWords[origin.rule];
}

/** `metrics.json (same run)`: where a number comes from. */
export function sourceText({ source, origin }: Pick<Evidence, 'source' | 'origin'>): string {
  return `${source} (${ruleText(origin)})`;
}
