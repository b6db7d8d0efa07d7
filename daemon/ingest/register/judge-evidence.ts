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
import { isMlflowRun } from '../runs/mlflow-run.ts';
import { observeLog, type FactParts, type SaveAtHand } from './evidence-facts.ts';
import { decideEvidence, type Decision, type KnownWriter } from './evidence-rule.ts';
import { isEmpty, saidByArtifact, saidByLog, type Own } from './evidence.ts';

/** What run logs say of a save. */
export interface JudgedLogs {
  evidence: NewEvidence[];
  /** States of run logs that count for it. */
  uses: Omit<EvidenceUse, 'model' | 'number'>[];
  /** Paths of run logs of which it cannot be told yet. */
  later: string[];
}

/** What the artifact says itself; none where it says nothing. */
export function ownEvidence(own: Own): NewEvidence[] {
  const said = saidByArtifact(own);
  return isEmpty(said) ? [] : [{ ...said, origin: { rule: 'inside', reason: 'the artifact holds it' } }];
}

/** What MLflow kept of the run that logged the artifact. */
const loggedOrigin: EvidenceOrigin = { rule: 'given', reason: 'MLflow keeps it of the run that logged the model' };

/** What each run log says, and whether it is evidence of the save; a version is not told what is of another one. `states` are those that the logs had before they were read. */
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

/** The decision on one run log, and what it says by it; no evidence where it cannot be told yet, or none is left. */
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
  const said = decision.key === undefined ? withoutProblems(whole, decision) : below(whole, decision.key);
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

/** What a log says. Of a file that merely bears the model's name, such as `churn.json`, only what is known as a measure is one. */
function saidOf(log: RunLog, own: Own, { run, files }: SaveAtHand): SaidEvidence {
  const said = saidByLog(log, own, run ?? files.folder);
  if (isMlflowRun(log.path) || readerOf(basename(log.path)) || !isNamedAfter(files, log.path)) return said;
  const { problems: _problems, ...rest } = said;
  const measures = Object.entries(said.metrics).filter(([name]) => directionOf(name) !== null && !setting.test(name));
  return { ...rest, metrics: record(Object.fromEntries(measures)) };
}

/** What is chosen and not measured, though its name holds that of a measure: `score_threshold`. */
const setting = /threshold|cutoff|weight|tolerance|target|smoothing/i;

function isNamedAfter(files: ArtifactFiles, path: string): boolean {
  return dirname(path) === files.folder && basename(path).startsWith(artifactStem(files));
}

function processIn(writer: KnownWriter): Pick<EvidenceOrigin, 'process'> {
  if (writer.kind !== 'execution') return {};
  const { command, script, startedAt } = writer;
  return { process: { command, script, startedAt } };
}

/** What its reader met in a file that is not of the version is no problem of the version. */
function withoutProblems(said: SaidEvidence, { rule }: Decision): SaidEvidence {
  const { problems: _problems, ...rest } = said;
  return rule === 'not-used' ? rest : said;
}

/** Only the metrics that stand below a key, without it. */
function below(said: SaidEvidence, key: string): SaidEvidence {
  const metrics = record<number | string>();
  for (const [name, value] of Object.entries(said.metrics))
    if (name.startsWith(`${key}/`)) metrics[name.slice(key.length + 1)] = value;
  return { ...said, metrics };
}
