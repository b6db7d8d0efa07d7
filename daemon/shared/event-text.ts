import * as l10n from '@vscode/l10n';
import type { EventBodies, EventType, ThinEvent } from '../protocol/events.ts';
import type { LineageSummary } from '../protocol/lineage.ts';
import { numberText, sizeText } from './format.ts';
import { orderMetrics, type Metrics } from './metrics.ts';
import { kindParts } from './model-kind.ts';

/** Writes events as sentences, the same on every surface. Pure. */

type AnyEvent = Pick<ThinEvent, 'type' | 'model' | 'number' | 'body'>;

/** How a surface names the model or version of an event. */
export interface Names {
  model(name: string): string;
  version(model: string, number: number | string): string;
  /** `pointer` as in `production` or `@champion`. */
  pointer(model: string, pointer: string): string;
}

/** Names `churn`, `churn v7` and `production of churn`. */
export const fullNames: Names = {
  model: (name) => name,
  version: (model, number) => `${model} v${number}`,
  pointer: (model, pointer) => l10n.t('{0} of {1}', pointer, model),
};

interface About {
  model: string;
  version: string;
  /** Names a stage or an alias of the model. */
  pointer(of: { kind?: unknown; name?: unknown }): string;
}

type Sentences = { [T in EventType]: (body: Partial<EventBodies[T]>, about: About) => string };

/**
 * Formats an event, `registered churn v7`, `production of churn: v7 → v8`: lower case, without time, actor, reason and full stop.
 * A thin event may lack fields that did not fit; an unknown type is shown by its name.
 */
export function eventText(event: AnyEvent, names: Names = fullNames): string {
  const model = names.model(event.model ?? '?');
  const version = names.version(event.model ?? '?', event.number ?? '?');
  const sentence = sentences[event.type] as ((body: unknown, about: About) => string) | undefined;
  const pointer: About['pointer'] = (of) => names.pointer(model, pointerText(of));
  return sentence?.(event.body, { model, version, pointer }) ?? [event.type, event.model ?? ''].join(' ').trim();
}

/** Returns the person of an actor, `ana` of `ana/cli`. The service itself has no slash. */
export function personOf(actor: string): string {
  return actor.replace(/\/.*$/s, '');
}

/** Returns the reason or comment that a person gave; empty for none. */
export function reasonOf({ type, body }: Pick<ThinEvent, 'type' | 'body'>): string {
  const reason = type === 'approval.given/1' ? body['comment'] : body['reason'];
  return typeof reason === 'string' ? reason : '';
}

/**
 * False for events that accompany another one or are bookkeeping: evidence, lineage, tags, a stage that was left for another, and
 * types of newer programs.
 */
export function isNews({ type, body }: Pick<ThinEvent, 'type' | 'body'>): boolean {
  if (type === 'pointer.moved/1') return body['cause'] !== 'left';
  return Object.hasOwn(sentences, type) && !bookkeeping.has(type);
}

const bookkeeping = new Set<EventType>([
  'model.created/1',
  'model.described/1',
  'model.tagged/1',
  'version.evidence/1',
  'version.evidence-judged/1',
  'version.lineage/1',
  'version.described/1',
  'version.tagged/1',
  'deployment.started/1',
  'person.asserted/1',
]);

const sentences: Sentences = {
  'model.created/1': ({ name }) => l10n.t('created model {0}', name ?? '?'),
  'model.renamed/1': ({ name, before }) => l10n.t('renamed {0} to {1}', before ?? '?', name ?? '?'),
  'model.deleted/1': ({ name }) => l10n.t('deleted model {0}', name ?? '?'),
  'model.merged/1': ({ name, intoName }) => l10n.t('merged {0} into {1}', name ?? '?', intoName ?? '?'),
  'model.unmerged/1': ({ name, intoName }) => l10n.t('separated {0} from {1} again', name ?? '?', intoName ?? '?'),
  'model.undeleted/1': ({ name }) => l10n.t('restored model {0}', name ?? '?'),
  'model.described/1': ({ description }, { model }) => l10n.t('described {0}: {1}', model, description ?? '…'),
  'model.metrics/1': ({ metrics }, { model }) => pinnedText(model, Array.isArray(metrics) ? metrics.map(String) : []),
  'model.card/1': (_, { model }) => l10n.t('edited the card of {0}', model),
  'model.tagged/1': (body, { model }) => taggedText(model, body),
  'model.policy/1': ({ path }, { model }) => l10n.t('policy of {0}: {1}', model, path ?? '…'),
  'version.registered/1': (_, { version }) => l10n.t('registered {0}', version),
  'version.completed/1': ({ added }, { version }) => l10n.t('completed {0} with {1}', version, namesText(added)),
  'version.evidence/1': ({ source }, { version }) => l10n.t('evidence for {0} from {1}', version, source ?? '…'),
  'version.evidence-detached/1': ({ source }, { version }) => l10n.t('detached {0} from {1}', source ?? '…', version),
  'version.evidence-restored/1': ({ source }, { version }) =>
    l10n.t('attached {0} to {1} again', source ?? '…', version),
  'version.evidence-judged/1': (_, { version }) => l10n.t('recorded the origin of the evidence for {0}', version),
  'version.lineage/1': (_, { version }) => l10n.t('recorded the lineage of {0}', version),
  'version.described/1': ({ description }, { version }) => l10n.t('described {0}: {1}', version, description ?? '…'),
  'version.tagged/1': (body, { version }) => taggedText(version, body),
  'version.commented/1': ({ text }, { version }) => l10n.t('comment on {0}: {1}', version, text ?? '…'),
  'version.staged/1': ({ stage, before }, { version }) => `${version}: ${before ?? '?'} → ${stage ?? '?'}`,
  'version.moved/1': ({ toNumber }, { version }) =>
    l10n.t('moved {0} to another model, as v{1}', version, toNumber ?? '?'),
  'version.deleted/1': (_, { version }) => l10n.t('deleted {0}', version),
  'version.undeleted/1': (_, { version }) => l10n.t('restored {0}', version),
  'version.purged/1': (_, { version }) => l10n.t('removed the files of {0} permanently', version),
  'version.damaged/1': ({ detail }, { version }) => l10n.t('{0} is damaged: {1}', version, detail ?? '…'),
  'version.healed/1': (_, { version }) => l10n.t('repaired {0}', version),
  'pointer.moved/1': (body, { pointer }) => movedText(body, pointer(body)),
  'approval.asked/1': (body, { version }) => l10n.t('requested approval of {0} for {1}', version, pointerText(body)),
  'approval.given/1': (body, { version }) =>
    body.decision === 'rejected'
      ? l10n.t('rejected {0} for {1}', version, pointerText(body))
      : l10n.t('approved {0} for {1}', version, pointerText(body)),
  'token.made/1': ({ owner, role, id }) =>
    l10n.t('created token {0} for {1} with role {2}', id ?? '?', owner ?? '?', role ?? '?'),
  'token.revoked/1': ({ id }) => l10n.t('revoked token {0}', id ?? '?'),
  'webhook.added/1': ({ id, origin }) => l10n.t('added webhook {0} to {1}', id ?? '?', origin ?? '…'),
  'webhook.changed/1': ({ id, origin }) => l10n.t('changed webhook {0} to {1}', id ?? '?', origin ?? '…'),
  'webhook.removed/1': ({ id, origin }) => l10n.t('removed webhook {0} to {1}', id ?? '?', origin ?? '…'),
  'file.trusted/1': ({ path }) => l10n.t('trusted the commands of {0}', path ?? '…'),
  'file.untrusted/1': ({ path }) => l10n.t('no longer trusts the commands of {0}', path ?? '…'),
  'person.asserted/1': ({ person, name, email }) =>
    l10n.t('{0} is {1} <{2}> according to git', person ?? '?', name ?? '?', email ?? '?'),
  'deployment.started/1': (body, { version }) =>
    l10n.t('started to deploy {0} for {1}: {2}', version, pointerText(body), body.run ?? '…'),
  'deployment.finished/1': (body, { version }) =>
    body.problem === null
      ? l10n.t('deployed {0} for {1}', version, pointerText(body))
      : l10n.t('deployment of {0} for {1} failed: {2}', version, pointerText(body), body.problem ?? '…'),
  'root.watched/1': ({ path }) => l10n.t('watching {0}', path ?? '…'),
  'root.unwatched/1': ({ path }) => l10n.t('stopped watching {0}', path ?? '…'),
  'root.paused/1': ({ path }) => l10n.t('paused watching {0}', path ?? '…'),
  'root.resumed/1': ({ path }) => l10n.t('resumed watching {0}', path ?? '…'),
  'pattern.ignored/1': ({ pattern }) => l10n.t('ignoring {0}', pattern ?? '…'),
  'pattern.unignored/1': ({ pattern }) => l10n.t('no longer ignoring {0}', pattern ?? '…'),
};

/** Formats some names of files: `tokenizer.json, merges.txt, …`. */
function namesText(files: readonly { path: string }[] | undefined): string {
  if (!files?.[0]) return '…';
  const names = files.slice(0, 3).map(({ path }) => path);
  return [...names, ...(files.length > names.length ? ['…'] : [])].join(', ');
}

/** Formats the known facts of an artifact: `scikit-learn 1.9.1 joblib · accuracy 0.956 · 6.2 kB`. */
export function artifactText(
  about: Partial<Pick<EventBodies['version.registered/1'], 'framework' | 'frameworkVersion' | 'format' | 'size'>>,
  metrics: Metrics = {},
): string {
  const size = about.size === undefined ? '' : sizeText(about.size);
  return [kindParts(about).join(' '), metricsText(metrics), size].filter((part) => part !== '').join(' · ');
}

function pinnedText(model: string, metrics: readonly string[]): string {
  const [primary, ...others] = metrics;
  if (primary === undefined) return l10n.t('primary metric of {0}: chosen automatically', model);
  const text = l10n.t('primary metric of {0}: {1}', model, primary);
  return others.length === 0 ? text : `${text}; ${l10n.t('also pinned: {0}', others.join(', '))}`;
}

/** Formats metrics, `accuracy 0.956 · f1 0.95`: the leading ones first, then the most informative. */
export function metricsText(metrics: Metrics, max = 3, leading: readonly string[] = []): string {
  const shown = orderMetrics(metrics, leading).slice(0, max);
  return shown.map(([name, value]) => `${name} ${numberText(value)}`).join(' · ');
}

/** Returns further details of an event: kind and size of a version, metrics of evidence, the commit of a lineage. */
export function eventDetails({ type, body }: Pick<ThinEvent, 'type' | 'body'>): string {
  const given = body as unknown;
  if (type === 'version.registered/1') return artifactText(given as Partial<EventBodies['version.registered/1']>);
  if (type === 'version.evidence/1')
    return metricsText((given as Partial<EventBodies['version.evidence/1']>).metrics ?? {});
  if (type === 'version.lineage/1') return lineageText((given as Partial<EventBodies['version.lineage/1']>).summary);
  if (type === 'deployment.finished/1') return (given as Partial<EventBodies['deployment.finished/1']>).said ?? '';
  return '';
}

function lineageText(summary: LineageSummary | undefined): string {
  if (!summary) return '';
  const { commit, branch, changed, command } = summary;
  const onBranch = branch === null ? '' : ` on ${branch}`;
  const code = commit === null ? null : `${commit.slice(0, 8)}${onBranch}${changed === true ? ', changed' : ''}`;
  return [code, command?.slice(0, 100)].filter((part) => part !== null && part !== undefined).join(' · ');
}

function taggedText(label: string, { key, value }: { key?: string; value?: string | null }): string {
  return value === null || value === undefined
    ? l10n.t('removed tag {0} of {1}', key ?? '?', label)
    : l10n.t('tagged {0} {1}={2}', label, key ?? '?', value);
}

/** Formats a pointer: `production`, `@champion`. */
export function pointerText({ kind, name }: { kind?: unknown; name?: unknown }): string {
  return `${kind === 'alias' ? '@' : ''}${typeof name === 'string' ? name : '?'}`;
}

/** Formats the current version of a pointer: `v7`, or `empty`. */
export function currentVersionText(number: number | null): string {
  return number === null ? l10n.t('empty') : `v${number}`;
}

function movedText(body: Partial<EventBodies['pointer.moved/1']>, what: string): string {
  const [from, to] = [stateText(body.before), stateText(body.after)];
  const step = `${what}: ${from} → ${to}`;
  if (body.cause === 'left') return l10n.t('{0} left {1}', from, what);
  if (body.cause === 'undo') return l10n.t('undid event {0}, {1}', body.undoes ?? '?', step);
  if (body.cause === 'rollback') return l10n.t('rolled back {0}', step);
  return body.bypassed === true ? l10n.t('{0} (gates overridden)', step) : step;
}

function stateText(state: { holder: number | null } | null | undefined): string {
  return typeof state?.holder === 'number' ? `v${state.holder}` : l10n.t('empty');
}
