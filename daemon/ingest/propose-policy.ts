import { existsSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { stringify } from 'yaml';
import { artifactAt, artifactPathsBelow, type ArtifactRow } from '../db/artifacts.ts';
import { readPlinthFile } from '../policy/parse.ts';
import type { PolicyReply } from '../protocol/routes/policies.ts';
import { isGeneric } from './disk/name-words.ts';
import { load, plinthFileName, matchRuleIn, type FoundFile, type Rules } from '../policy/watch-rules.ts';
import type { Database } from '../db/database.ts';
import { directionOf } from '../shared/metrics.ts';

const maxPatterns = 20;
const maxMetrics = 40;

/** Returns the errors of a folder's plinth.yaml, or a proposal for one. Writes nothing. */
export function policyOf({ db, rules }: { db: Database; rules: Rules }, folder: string): PolicyReply {
  const known = rules.fileFor(folder, folder);
  const found = known && existsSync(known.path) ? load(known.path) : undefined;
  if (found) return { path: found.path, exists: true, text: found.text, problems: found.problems };
  const path = join(folder, plinthFileName);
  return { path, exists: existsSync(path), text: proposal(db, folder), problems: [] };
}

function proposal(db: Database, folder: string): string {
  const rows = artifactPathsBelow(db, folder)
    .map((path) => artifactAt(db, path))
    .filter((row) => row !== undefined && ['registered', 'candidate', 'found'].includes(row.state)) as ArtifactRow[];
  const patterns = Map.groupBy(rows, (row) => patternOf(row, folder));
  const ordered = [...patterns]
    .filter(([pattern]) => pattern !== '')
    .toSorted(([a], [b]) => b.split('/').length - a.split('/').length || (a < b ? -1 : 1));
  const patternsKept = keepingNames(
    ordered.slice(0, maxPatterns).map(([pattern]) => pattern),
    rows,
    folder,
  );
  const watch = (patternsKept.length > 0 ? patternsKept : keepingNames(['{model}'], rows, folder)).map((path) => ({
    path,
    register: 'final',
  }));
  const names = new Set(rows.flatMap(({ metrics }) => Object.keys(metrics)));
  const known = [...names]
    .toSorted()
    .slice(0, maxMetrics)
    .map((name) => [name, directionOf(name) ?? 'higher'] as const);
  const doubtful = known.map(([name]) => name).filter((name) => directionOf(name) === null);
  const head = '# How models below this folder are named and registered, and which way their metrics are better.\n';
  const comment = doubtful.length === 0 ? '' : `# Please check: ${doubtful.join(', ')}\n`;
  const rules = watch.length > 0 ? stringify({ watch }) : '';
  const metrics = known.length === 0 ? '' : `\n${comment}${stringify({ metrics: Object.fromEntries(known) })}`;
  return `${head}\n${rules}${metrics}`;
}

/** Returns the patterns under which every artifact keeps its model's current name. */
function keepingNames(patterns: readonly string[], rows: readonly ArtifactRow[], folder: string): string[] {
  const { file } = readPlinthFile(stringify({ watch: patterns.map((path) => ({ path, register: 'final' })) }));
  const source: FoundFile = { path: join(folder, plinthFileName), text: '', file, problems: [] };
  const wrong = rows.flatMap((row) => {
    const matched = row.model === null ? undefined : matchRuleIn(source, row.path);
    return matched?.model === undefined || matched.model === row.model ? [] : [matched.rule.path];
  });
  const kept = patterns.filter((pattern) => !wrong.includes(pattern));
  return kept.length === patterns.length ? kept : keepingNames(kept, rows, folder);
}

/** Returns an artifact's folder as a pattern, with placeholders for the model's name and for what distinguishes runs. */
function patternOf({ path, model }: ArtifactRow, folder: string): string {
  const names = relative(folder, dirname(path))
    .split(sep)
    .filter((name) => name !== '');
  const at = names.lastIndexOf(model ?? '');
  if (at === -1) return '';
  const below = names.slice(at + 1).findIndex((name) => isGeneric(name) && /\d/.test(name));
  const upTo = below === -1 ? at : at + 1 + below;
  return names
    .slice(0, upTo + 1)
    .map((name, index) => (index === at ? '{model}' : index === upTo ? '{run}' : name))
    .join('/');
}
