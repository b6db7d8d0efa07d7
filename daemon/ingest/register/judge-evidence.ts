import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';
import type { EvidenceUse, LogState } from '../../db/log-writes.ts';
import type { EvidenceOrigin } from '../../protocol/evidence.ts';
import type { NewEvidence, SaidEvidence } from '../../registry/versions/register.ts';
import { directionOf } from '../../shared/metrics.ts';
import { artifactStem } from '../artifact/siblings.ts';
import type { ArtifactFiles } from '../artifact/types.ts';
import { readerOf, type RunLog } from '../run-logs/cache.ts';
import { record } from '../run-logs/types.ts';
import { isMlflowRun } from '../run-logs/mlflow-run.ts';
import { observeLog, type FactParts, type SaveAtHand } from './evidence-facts.ts';
import { decideEvidence, type Decision, type KnownWriter } from './evidence-rule.ts';
import { isEmpty, saidByArtifact, saidByLog, type Own } from './evidence.ts';

/** Evidence of a save from run logs. */
export interface JudgedLogs {
  evidence: NewEvidence[];
  /** States of run logs that count as evidence of the save. */
  uses: Omit<EvidenceUse, 'model' | 'number'>[];
  /** Paths of run logs that cannot be decided about yet. */
  later: string[];
}

/** Returns the values that the artifact holds as evidence; empty if it holds none. */
export function ownEvidence(own: Own): NewEvidence[] {
  const said = saidByArtifact(own);
  return isEmpty(said) ? [] : [{ ...said, origin: { rule: 'inside', reason: 'the artifact holds it' } }];
}

/** Origin of values that MLflow keeps of the run that logged the artifact. */
const loggedOrigin: EvidenceOrigin = { rule: 'given', reason: 'MLflow keeps it of the run that logged the model' };

/**
 * Judges each run log. Evidence of another save is left out for a save that is a version already. `states`: the logs' states
 * before they were read.
 */
export async function judgeLogs(
  parts: FactParts,
  save: SaveAtHand,
  own: Own,
  logs: readonly RunLog[],
  states: readonly LogState[],
): Promise<JudgedLogs> {
  const judged: JudgedLogs = { evidence: [], uses: [], later: [] };
  for (const log of logs) {
    const said = saidOf(log, own, save);
    if (isEmpty(said)) continue;
    if (isMlflowRun(log.path)) judged.evidence.push({ ...said, origin: loggedOrigin });
    const state = states.find(({ path }) => path === log.path);
    if (isMlflowRun(log.path) || !state) continue;
    const { decision, evidence, digest } = await judgeLog(parts, save, own, log, state);
    if (decision.rule === 'later') judged.later.push(log.path);
    if (evidence && !(save.version !== null && decision.isOfAnother === true)) judged.evidence.push(evidence);
    if (evidence && decision.rule !== 'not-used') judged.uses.push({ ...state, digest });
  }
  return judged;
}

/** Judges one run log and returns its evidence; undefined if it is decided later or nothing is left. */
export async function judgeLog(
  parts: FactParts,
  save: SaveAtHand,
  own: Own,
  log: RunLog,
  state: LogState,
): Promise<{ decision: Decision; evidence: NewEvidence | undefined; digest: string }> {
  const whole = saidOf(log, own, save);
  const digest = `sha256:${createHash('sha256').update(JSON.stringify(whole)).digest('hex')}`;
  const observed = await observeLog(parts, save, log, state, digest);
  const decision = decideEvidence(save.observed, observed);
  if (decision.rule === 'later') return { decision, evidence: undefined, digest };
  const said = decision.key === undefined ? withoutProblems(whole, decision) : metricsBelow(whole, decision.key);
  const isSeries = said.more !== undefined && Object.keys(log.values.series).length > 0;
  const position = own.step === null ? 'at the end of training' : `at step ${own.step}`;
  const origin: EvidenceOrigin = {
    rule: decision.rule,
    reason:
      isSeries && decision.rule !== 'not-used'
        ? `${decision.reason}; its series are read ${position}`
        : decision.reason,
    writtenAt: state.writtenAt,
    ...processIn(observed.writer),
    ...(isSeries ? { isSeries } : {}),
  };
  return { decision, evidence: isEmpty(said) ? undefined : { ...said, origin }, digest };
}

/** Returns a log's values. Of a file that is merely named after the model, such as `churn.json`, only known metrics count. */
function saidOf(log: RunLog, own: Own, { run, files }: SaveAtHand): SaidEvidence {
  const said = saidByLog(log, own, run ?? files.folder);
  if (isMlflowRun(log.path) || readerOf(basename(log.path)) || !isNamedAfter(files, log.path)) return said;
  const { problems: _problems, ...rest } = said;
  const measures = Object.entries(said.metrics).filter(([name]) => directionOf(name) !== null && !setting.test(name));
  return { ...rest, metrics: record(Object.fromEntries(measures)) };
}

/** Names of settings that contain a metric's name, such as `score_threshold`. */
const setting = /threshold|cutoff|weight|tolerance|target|smoothing/i;

function isNamedAfter(files: ArtifactFiles, path: string): boolean {
  return dirname(path) === files.folder && basename(path).startsWith(artifactStem(files));
}

function processIn(writer: KnownWriter): Pick<EvidenceOrigin, 'process'> {
  if (writer.kind !== 'execution') return {};
  const { command, script, startedAt } = writer;
  return { process: { command, script, startedAt } };
}

/** Drops the reader's problems for a log that is not evidence of the version. */
function withoutProblems(said: SaidEvidence, { rule }: Decision): SaidEvidence {
  const { problems: _problems, ...rest } = said;
  return rule === 'not-used' ? rest : said;
}

/** Keeps only the metrics of one group, without its prefix. */
function metricsBelow(said: SaidEvidence, key: string): SaidEvidence {
  const metrics = record<number | string>();
  for (const [name, value] of Object.entries(said.metrics))
    if (name.startsWith(`${key}/`)) metrics[name.slice(key.length + 1)] = value;
  return { ...said, metrics };
}
