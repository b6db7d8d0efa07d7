import type { EventBodies, EventType, ThinEvent } from '../protocol/events.ts';
import type { LineageSummary } from '../protocol/lineage.ts';
import type { Json } from '../protocol/json.ts';
import { holderText } from './reference.ts';
import { metricsText } from './metrics.ts';
import { ruleTexts } from './rule-event-text.ts';
import { referenceTo } from '../protocol/reference.ts';
import { sizeText } from '../shared/format.ts';

/** What an event did, in one line without its time and actor. A travelling body may lack fields that did not fit. */
export function eventText(event: Pick<ThinEvent, 'type' | 'model' | 'number' | 'body'>): string {
  const model = event.model ?? '?';
  const label = `${referenceTo(model, event.number ?? '?')}`;
  const body = event.body as unknown;
  const text = texts[event.type] as ((about: About, body: unknown) => string) | undefined;
  return text ? text({ model, label }, body) : `${String(event.type)} ${event.model ?? ''}`.trim();
}

export interface About {
  model: string;
  label: string;
}

export type Texts = { [T in EventType]: (about: About, body: Partial<EventBodies[T]>) => string };

const texts: Texts = {
  ...ruleTexts,
  'model.created/1': (_, { name }) => `created model ${name}`,
  'model.renamed/1': (_, { name, before }) => `renamed ${before} to ${name}`,
  'model.deleted/1': (_, { name, reason }) => `deleted model ${name}${because(reason)}`,
  'model.undeleted/1': (_, { name }) => `brought back model ${name}`,
  'model.described/1': ({ model }, { description }) => `described ${model}: ${description ?? '…'}`,
  'model.metric/1': ({ model }, { metric }) =>
    typeof metric === 'string'
      ? `primary metric of ${model}: ${metric}`
      : `primary metric of ${model} is chosen automatically`,
  'model.card/1': ({ model }) => `wrote the card of ${model}`,
  'model.tagged/1': ({ model }, body) => taggedText(model, body),
  'version.registered/1': ({ label }, body) => `registered ${label} · ${artifactText(body)}`,
  'version.evidence/1': ({ label }, body) => evidenceText(label, body),
  'version.lineage/1': ({ label }, { summary }) => `lineage of ${label}${lineageText(summary)}`,
  'version.described/1': ({ label }, { description }) => `described ${label}: ${description ?? '…'}`,
  'version.tagged/1': ({ label }, body) => taggedText(label, body),
  'version.commented/1': ({ label }, { text }) => `comment on ${label}: ${text ?? '…'}`,
  'version.staged/1': ({ label }, { stage, before, reason }) => `${label}: ${before} → ${stage}${because(reason)}`,
  'version.moved/1': ({ label }, { toNumber }) => `moved ${label} to another model, as v${toNumber}`,
  'version.deleted/1': ({ label }, { reason }) => `deleted ${label}${because(reason)}`,
  'version.undeleted/1': ({ label }) => `brought back ${label}`,
  'version.purged/1': ({ label }) => `removed the bytes of ${label}`,
  'version.damaged/1': ({ label }, { detail }) => `${label} is damaged: ${detail}`,
  'version.healed/1': ({ label }) => `${label} is sound again`,
  'pointer.moved/1': ({ model }, body) => transitionText(model, body),
  'root.watched/1': (_, { path }) => `watching ${path}`,
  'root.unwatched/1': (_, { path }) => `no longer watching ${path}`,
  'root.paused/1': (_, { path }) => `paused watching ${path}`,
  'root.resumed/1': (_, { path }) => `watching ${path} again`,
  'pattern.ignored/1': (_, { pattern }) => `ignoring ${pattern}`,
  'pattern.unignored/1': (_, { pattern }) => `no longer ignoring ${pattern}`,
};

/** `scikit-learn 1.9.1 joblib · accuracy 0.956 · 6.2 kB`, whatever of it is known. */
export function artifactText(
  about: Partial<Pick<EventBodies['version.registered/1'], 'framework' | 'frameworkVersion' | 'format' | 'size'>>,
  metrics: Record<string, number | string> = {},
): string {
  const kind = [about.framework, about.frameworkVersion, about.format === about.framework ? null : about.format];
  const size = about.size === undefined ? '' : sizeText(about.size);
  return [kind.filter((part) => part).join(' '), metricsText(metrics), size].filter((part) => part !== '').join(' · ');
}

function taggedText(label: string, { key, value }: { key?: string; value?: string | null }): string {
  return value === null || value === undefined ? `untagged ${label} ${key}` : `tagged ${label} ${key}=${value}`;
}

function evidenceText(label: string, { source, metrics }: Partial<EventBodies['version.evidence/1']>): string {
  const shown = metricsText(metrics ?? {});
  return `evidence for ${label} from ${source}${shown === '' ? '' : ` · ${shown}`}`;
}

function lineageText(summary: LineageSummary | undefined): string {
  if (!summary) return '';
  const { commit, branch, changed, command } = summary;
  const code =
    commit === null
      ? null
      : `${commit.slice(0, 8)}${branch === null ? '' : ` on ${branch}`}${changed === true ? ', changed' : ''}`;
  const parts = [code, command?.slice(0, 100)].filter((part) => part !== null && part !== undefined);
  return parts.length === 0 ? '' : ` · ${parts.join(' · ')}`;
}

function transitionText(model: string, body: Partial<EventBodies['pointer.moved/1']>): string {
  const pointer = body.kind === 'alias' ? `@${body.name}` : body.name;
  const from = holderText(body.before?.holder ?? null);
  const to = holderText(body.after?.holder ?? null);
  const moved = `${pointer} of ${model}: ${from} → ${to}`;
  if (body.cause === 'left') return `${model} ${from} left ${pointer}`;
  if (body.cause === 'undo') return `undid event ${body.undoes}: ${moved}`;
  const did = body.cause === 'rollback' ? `rolled back ${moved}` : moved;
  return `${did}${body.bypassed === true ? ' past failed gates' : ''}${because(body.reason)}`;
}

function because(reason: Json | undefined): string {
  return typeof reason === 'string' && reason !== '' ? ` (${reason})` : '';
}

/** `ana` of `ana/cli`; what the daemon did by itself has no such slash. */
export function actorText(actor: string): string {
  return actor.split('/', 1)[0] ?? actor;
}
