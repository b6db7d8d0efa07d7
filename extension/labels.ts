import type { ThinEvent } from '../daemon/protocol/events.ts';
import type { Artifact, Model, Pointer, Version } from '../daemon/protocol/model.ts';

/** What people read in the tree. Pure; no VS Code here. */

const minuteMs = 60_000;

/** `now`, `5 min ago`, `3 h ago`, `2 d ago`. */
export function age(at: number, now: number): string {
  const minutes = Math.floor((now - at) / minuteMs);
  if (minutes < 1) return 'now';
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} d ago`;
}

/** `512 B`, `6.2 kB`, `1.4 GB`. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = -1;
  for (; value >= 1000 && unit < units.length - 1; unit += 1) value /= 1000;
  return `${value.toFixed(1)} ${units[unit]}`;
}

/** Four significant digits, as they are worth comparing. */
export function number(value: number | string): string {
  if (typeof value === 'string') return value;
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  return String(Number(value.toPrecision(4)));
}

const telling = /(^|[/_.-])(val|valid|eval|test)([/_.-]|$)|auc|acc|f1|rmse|r2|loss/i;

/** The metric that says most of a version: the wanted one where it is there, else a validation metric, else the first. */
export function mainMetric(metrics: Version['metrics'], wanted = ''): [string, number | string] | undefined {
  const entries = Object.entries(metrics);
  return entries.find(([name]) => name === wanted) ?? entries.find(([name]) => telling.test(name)) ?? entries[0];
}

export function pointerLabel(pointer: Pick<Pointer, 'kind' | 'name'>): string {
  return pointer.kind === 'alias' ? `@${pointer.name}` : pointer.name;
}

/** `production v7 · auc 0.908 · 3 new` */
export function modelDescription(model: Model, holder: Version | undefined, fresh: number): string {
  const production = model.pointers.find(({ name, holder: held }) => name === 'production' && held !== null);
  const metric = holder && mainMetric(holder.metrics);
  const parts = [
    production ? `production v${production.holder}` : `v${model.latest ?? '–'}`,
    metric ? `${metric[0]} ${number(metric[1])}` : '',
    fresh > 0 ? `${fresh} new` : '',
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

/** `staging · auc 0.914 ▲ 0.006 · 2 h ago`: the difference is to the version before. */
export function versionDescription(version: Version, before: Version | undefined, now: number): string {
  const metric = mainMetric(version.metrics);
  const earlier = metric && before?.metrics[metric[0]];
  const delta = metric && typeof metric[1] === 'number' && typeof earlier === 'number' ? metric[1] - earlier : 0;
  const change = delta === 0 ? '' : ` ${delta > 0 ? '▲' : '▼'} ${number(Math.abs(delta))}`;
  const parts = [
    version.stage === 'development' ? '' : version.stage,
    version.aliases.map((alias) => `@${alias}`).join(' '),
    metric ? `${metric[0]} ${number(metric[1])}${change}` : '',
    age(version.createdAt, now),
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

export function candidateDescription(artifact: Artifact, now: number): string {
  const metric = mainMetric(artifact.metrics);
  return [metric ? `${metric[0]} ${number(metric[1])}` : '', size(artifact.size), age(artifact.seenAt, now)]
    .filter((part) => part !== '')
    .join(' · ');
}

type Body = Record<string, unknown>;

/** One line of Activity; undefined for events that are no news by themselves. */
export function happening(event: ThinEvent): string | undefined {
  const label = `${event.model ?? ''}${event.number === null ? '' : ` v${event.number}`}`;
  const body = event.body as Body;
  switch (event.type) {
    case 'version.registered/1':
      return `${label} registered`;
    case 'pointer.moved/1':
      return moved(event, body);
    case 'version.staged/1':
      return `${label} ${body['stage'] === 'archived' ? 'archived' : `back in ${String(body['stage'])}`}`;
    case 'version.deleted/1':
      return `${label} deleted`;
    case 'version.undeleted/1':
      return `${label} brought back`;
    case 'version.moved/1':
      return `${label} moved to another model`;
    case 'version.damaged/1':
      return `${label} is damaged`;
    case 'version.commented/1':
      return `${label}: comment`;
    case 'model.renamed/1':
      return `${String(body['before'])} renamed ${event.model ?? ''}`;
    case 'root.watched/1':
      return `watching ${String(body['path'])}`;
    case 'root.unwatched/1':
      return `stopped watching ${String(body['path'])}`;
    default:
      return undefined;
  }
}

function moved(event: ThinEvent, body: Body): string | undefined {
  if (body['cause'] === 'left') return undefined;
  const holder = (side: string): string => {
    const state = body[side] as { holder?: number | null } | undefined;
    return state?.holder === null || state?.holder === undefined ? 'nobody' : `v${state.holder}`;
  };
  const pointer = pointerLabel({ kind: body['kind'] === 'alias' ? 'alias' : 'stage', name: String(body['name']) });
  const verb = { rollback: 'rolled back ', undo: 'undone: ' }[String(body['cause'])] ?? '';
  return `${event.model ?? ''} ${verb}${pointer} ${holder('before')} → ${holder('after')}`;
}

/** Events that one click takes back. */
export function isUndoable(event: ThinEvent): boolean {
  const cause = event.body['cause'];
  if (event.type === 'pointer.moved/1') return cause !== 'left' && cause !== 'undo';
  return ['version.staged/1', 'version.deleted/1', 'model.renamed/1', 'model.described/1'].includes(event.type);
}
