import type { RegistryEvent, ThinEvent } from '../../../protocol/events.ts';
import type { Json } from '../../../protocol/json.ts';
import type { Artifact } from '../../../protocol/model.ts';
import type { StreamMessage } from '../../../protocol/stream.ts';
import { personOf, artifactText } from '../../../shared/event-text.ts';
import { eventLine } from './event-line.ts';
import { cleanText } from '../../../shared/clean-text.ts';
import { relativeTo } from '../paths.ts';

export interface Surroundings {
  /** Watched folders. Paths below one are shown relative to it. */
  roots: Set<string>;
  /** Returns the current name of an event's model. */
  nameOf: (event: RegistryEvent) => Promise<string | null>;
}

/** Returns the lines for one commit: one for a version with its evidence, and one for each of its problems. */
export async function commitLines(events: readonly RegistryEvent[], around: Surroundings): Promise<string[]> {
  const lines: string[] = [];
  for (const event of events) {
    const model = await around.nameOf(event);
    if (event.type === 'root.watched/1') around.roots.add(event.body.path);
    if (event.type === 'version.registered/1')
      lines.push(...registeredLines(event, model, metricsIn(events, event), around));
    else if (event.type !== 'model.created/1' && !isPartOf(events, event)) lines.push(otherLine(event, model));
  }
  return lines.map(cleanText);
}

type Registered = RegistryEvent & { type: 'version.registered/1' };

function registeredLines(
  event: Registered,
  model: string | null,
  metrics: Record<string, number | string>,
  around: Surroundings,
): string[] {
  const { body } = event;
  const path = relativeTo(around.roots, body.source.path);
  const first = `registered ${model}@${body.number} · ${artifactText(body, metrics)} · ${path}`;
  return [first, ...body.problems.map((problem) => `  problem: ${problem.message}`)];
}

function metricsIn(events: readonly RegistryEvent[], version: Registered): Record<string, number | string> {
  const { model, number } = version.body;
  const evidence = events.filter((event) => event.type === 'version.evidence/1');
  const own = evidence.filter(({ body }) => body.model === model && body.number === number);
  return Object.assign({}, ...own.map(({ body }) => body.metrics)) as Record<string, number | string>;
}

/** True for evidence of a version in the same commit, which is shown with the version. */
function isPartOf(events: readonly RegistryEvent[], event: RegistryEvent): boolean {
  if (event.type !== 'version.evidence/1') return false;
  const { model, number } = event.body;
  return events.some(
    (one) => one.type === 'version.registered/1' && one.body.model === model && one.body.number === number,
  );
}

function otherLine(event: RegistryEvent, model: string | null): string {
  const body = event.body as unknown as Record<string, Json>;
  const number = 'number' in event.body ? event.body.number : null;
  const thin: Pick<ThinEvent, 'type' | 'model' | 'number' | 'body'> = { type: event.type, model, number, body };
  const byPerson = event.actor.includes('/') && !event.type.startsWith('root.');
  return `${eventLine(thin)}${byPerson ? ` by ${personOf(event.actor)}` : ''}`;
}

/** Returns a line for a message that is not stored; undefined for one that is not shown. */
export function transientLine(message: StreamMessage, around: Surroundings): string | undefined {
  if (message.kind === 'artifact') return artifactLine(message.artifact, around);
  if (message.kind !== 'run' || message.run.status === 'running' || message.run.endedAt === null) return undefined;
  return cleanText(`run ${message.run.status} · ${relativeTo(around.roots, message.run.folder)}`);
}

function artifactLine(artifact: Artifact, around: Surroundings): string | undefined {
  const { state, reason, model, metrics, size } = artifact;
  const path = relativeTo(around.roots, artifact.path);
  const { framework, format } = artifact;
  const kind = artifactText(
    { ...(framework === null ? {} : { framework }), ...(format === null ? {} : { format }), size },
    metrics,
  );
  switch (state) {
    case 'candidate':
      return cleanText(`candidate ${model ?? '?'} · ${kind} · ${path}`);
    case 'waiting':
    case 'ignored':
    case 'unreadable':
      return cleanText(`${state} ${path}: ${reason}`);
    case 'duplicate':
      return cleanText(`seen again ${path}: ${reason}`);
    default:
      return undefined;
  }
}
