import type { Evidence, EvidenceOrigin, EvidenceRule } from '../protocol/evidence.ts';

type Said = Pick<Evidence, 'seq' | 'source' | 'origin'>;

/** Rules that are based on observation, not on a file's place. */
const strictRules = new Set<EvidenceRule>(['inside', 'same-run', 'evaluated', 'given']);

export function isCounted({ origin }: Pick<Evidence, 'origin'>): boolean {
  return origin?.rule !== 'not-used';
}

/** True for origins that a policy with `evidence: strict` accepts. */
export function isStrict(origin: EvidenceOrigin | undefined): boolean {
  return origin !== undefined && strictRules.has(origin.rule);
}

/**
 * Returns the evidence of a version that counts: the newest of each source, in the order in which it is merged. Series come
 * first, so that single values override them; otherwise the newest overrides.
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

/** Returns evidence that is shown but does not count: the newest of each source without any that counts. */
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

/** Formats the rule of evidence: `same run`, `not used`, `of unknown origin`. */
export function ruleText(origin: EvidenceOrigin | undefined): string {
  return origin === undefined ? 'of unknown origin' : ruleWords[origin.rule];
}

/** Formats the source of a number: `metrics.json (same run)`. */
export function sourceText({ source, origin }: Pick<Evidence, 'source' | 'origin'>): string {
  return `${source} (${ruleText(origin)})`;
}
