import { metricJson, type Json } from '../protocol/json.ts';
import type { ModelFacts } from '../protocol/artifact.ts';
import type { Claim } from '../registry/register.ts';
import type { FileNotes } from './notes-cache.ts';
import type { Point } from './notes.ts';
import { sourceName } from './notes-near.ts';

/** What an artifact says itself; its step, where it records one, is where the series are read. */
type Own = Pick<ModelFacts, 'step' | 'metrics' | 'params'>;

/** What the artifact itself says, then what each notes file says: files with series first, single values on top of them. */
export function claimsOf(facts: Own, notes: readonly FileNotes[], base: string): Claim[] {
  const files = notes.map((file) => claimOf(file, facts, base)).filter((claim) => !isEmpty(claim));
  const series = files.filter((claim) => claim.more !== undefined);
  const single = files.filter((claim) => claim.more === undefined);
  const own: Claim = { source: 'artifact', metrics: plain(facts.metrics), params: facts.params };
  return isEmpty(own) ? [...series, ...single] : [own, ...series, ...single];
}

function claimOf({ path, notes }: FileNotes, own: Pick<Own, 'step'>, base: string): Claim {
  const ends = Object.entries(notes.series).map(([name, points]) => [name, valueAt(points, own.step)] as const);
  const metrics = { ...Object.fromEntries(ends.filter(([, value]) => value !== undefined)), ...notes.metrics };
  const claim: Claim = {
    source: sourceName(base, path),
    metrics: plain(metrics as Record<string, number>),
    params: notes.params,
  };
  if (ends.length === 0) return claim;
  return { ...claim, more: { series: notes.series as unknown as Json, best: notes.best as unknown as Json } };
}

/** The series' value where the artifact was saved: its last point at or before that step, else simply its last. */
function valueAt(points: readonly Point[], step: number | null): number | undefined {
  const until = step === null ? undefined : points.findLast((point) => point[0] !== null && point[0] <= step);
  return (until ?? points.at(-1))?.[2];
}

function plain(metrics: Record<string, number>): Record<string, number | string> {
  return Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, metricJson(value)]));
}

function isEmpty(claim: Claim): boolean {
  return Object.keys(claim.metrics).length === 0 && Object.keys(claim.params).length === 0;
}

/** All claims laid over each other, the last on top. */
export function merged(claims: readonly Claim[]): Pick<Claim, 'metrics' | 'params'> {
  return {
    metrics: Object.assign({}, ...claims.map((claim) => claim.metrics)) as Claim['metrics'],
    params: Object.assign({}, ...claims.map((claim) => claim.params)) as Claim['params'],
  };
}
