import type { ThinEvent } from '../daemon/protocol/events.ts';
import type { Artifact, Model, Pointer, Root, Run, Version } from '../daemon/protocol/model.ts';
import {
  age,
  candidateDescription,
  happening,
  isUndoable,
  mainMetric,
  modelDescription,
  number,
  pointerLabel,
  size,
  versionDescription,
} from './labels.ts';
import type { Mirror } from './state.ts';

/** What a row of one of our trees stands for. */
export type Subject =
  | { kind: 'model'; model: Model }
  | { kind: 'pointer'; model: string; pointer: Pointer }
  | { kind: 'version'; version: Version }
  | { kind: 'candidate'; artifact: Artifact }
  | { kind: 'more'; model: string }
  | { kind: 'fact' }
  | { kind: 'event'; event: ThinEvent }
  | { kind: 'root'; root: Root }
  | { kind: 'run'; run: Run }
  | { kind: 'service' };

/** One row: plain data, drawn by a view. */
export interface Node {
  id: string;
  label: string;
  description: string;
  /** A codicon's name. */
  icon: string;
  /** Theme colour of the icon, where it says something. */
  colour?: string;
  tooltip: string;
  /** For `when` clauses of menus. */
  context: string;
  subject: Subject;
  /** Absent for a leaf; null when the children have to be asked for. */
  children?: Node[] | null;
}

function leaf(id: string, label: string, description: string, icon = 'dash'): Node {
  return {
    id,
    label,
    description,
    icon,
    tooltip: `${label} ${description}`.trim(),
    context: 'fact',
    subject: { kind: 'fact' },
  };
}

/** Models, most recently changed first; holders and versions below the ones that were opened. */
export function modelNodes(mirror: Mirror, seen: ReadonlySet<string>, now: number, filter = ''): Node[] {
  const wanted = mirror.models.filter((model) => model.name.toLowerCase().includes(filter.toLowerCase()));
  return wanted.map((model) => {
    const versions = mirror.versions[model.name];
    const holder = versions?.find(({ stage }) => stage === 'production');
    const fresh = versions?.filter((version) => !seen.has(`${version.model}@${version.number}`)).length ?? 0;
    return {
      id: `model:${model.name}`,
      label: model.name,
      description: modelDescription(model, holder, seen.size === 0 ? 0 : fresh),
      icon: 'symbol-class',
      tooltip: [model.name, model.description, `${model.versions} versions`].filter((line) => line !== '').join('\n'),
      context: 'model',
      subject: { kind: 'model', model },
      children: versions ? childrenOf(mirror, model, versions, now) : null,
    };
  });
}

function childrenOf(mirror: Mirror, model: Model, versions: readonly Version[], now: number): Node[] {
  const held = model.pointers.filter(({ holder }) => holder !== null);
  const candidates = mirror.candidates.filter(
    (artifact) => artifact.model === model.name && /going on/.test(artifact.reason),
  );
  const more: Node[] = mirror.more[model.name]
    ? [
        {
          ...leaf(`more:${model.name}`, 'Load more…', ''),
          icon: 'ellipsis',
          context: 'more',
          subject: { kind: 'more', model: model.name },
        },
      ]
    : [];
  return [
    ...held.map((pointer) => pointerNode(model.name, pointer)),
    ...candidates.map((artifact) => candidateNode(artifact, now)),
    ...versions.map((version, index) => versionNode(version, versions[index + 1], now)),
    ...more,
  ];
}

function pointerNode(model: string, pointer: Pointer): Node {
  const label = `${pointerLabel(pointer)} → v${pointer.holder}`;
  const canGoBack = pointer.previous.length > 0 ? 'back' : 'first';
  return {
    id: `pointer:${model}:${pointer.kind}:${pointer.name}`,
    label,
    description: pointer.reason,
    icon: pointer.kind === 'alias' ? 'tag' : 'rocket',
    tooltip: `${label}, by ${pointer.actor}${pointer.reason === '' ? '' : `: ${pointer.reason}`}`,
    context: `pointer.${pointer.kind}.${canGoBack}`,
    subject: { kind: 'pointer', model, pointer },
  };
}

function candidateNode(artifact: Artifact, now: number): Node {
  return {
    id: `candidate:${artifact.path}`,
    label: artifact.path.split(/[\\/]/).at(-1) ?? artifact.path,
    description: candidateDescription(artifact, now),
    icon: 'loading~spin',
    tooltip: `${artifact.path}\n${artifact.reason}`,
    context: 'candidate',
    subject: { kind: 'candidate', artifact },
  };
}

function versionNode(version: Version, before: Version | undefined, now: number): Node {
  const id = `version:${version.model}@${version.number}`;
  const { icon, colour } = look(version);
  return {
    id,
    label: `v${version.number}`,
    description: versionDescription(version, before, now),
    icon,
    ...(colour === undefined ? {} : { colour }),
    tooltip: `${version.model}@${version.number}\n${version.framework} ${version.frameworkVersion ?? ''} ${version.format}\n${size(version.size)}`,
    context: `version.${version.state}.${version.stage === 'archived' ? 'archived' : 'live'}`,
    subject: { kind: 'version', version },
    children: detailNodes(id, version),
  };
}

function look(version: Version): { icon: string; colour?: string } {
  if (version.state === 'damaged') return { icon: 'error', colour: 'problemsErrorIcon.foreground' };
  if (version.pickle === 'runs code' || version.pickle === 'unreadable')
    return { icon: 'warning', colour: 'problemsWarningIcon.foreground' };
  if (version.stage === 'archived') return { icon: 'archive', colour: 'disabledForeground' };
  return { icon: 'package' };
}

function detailNodes(id: string, version: Version): Node[] {
  const metrics = Object.entries(version.metrics).map(([name, value]) =>
    leaf(`${id}:m:${name}`, name, number(value), 'graph-line'),
  );
  const params = Object.entries(version.params).map(([name, value]) =>
    leaf(`${id}:p:${name}`, name, typeof value === 'string' ? value : JSON.stringify(value), 'symbol-parameter'),
  );
  const lineage = [
    leaf(`${id}:l:path`, 'from', version.source.path, 'file'),
    ...(version.source.run === null ? [] : [leaf(`${id}:l:run`, 'run', version.source.run, 'beaker')]),
    leaf(`${id}:l:by`, 'registered by', version.actor, 'person'),
  ];
  const checks = [
    leaf(`${id}:c:digest`, 'digest', version.digest.slice(0, 19), 'verified'),
    ...(version.pickle === null ? [] : [leaf(`${id}:c:pickle`, 'pickle', version.pickle, 'shield')]),
    ...version.problems.map((problem, index) => leaf(`${id}:c:${index}`, problem.code, problem.message, 'warning')),
  ];
  const artifact = [
    leaf(
      `${id}:a`,
      version.primary,
      `${size(version.size)} in ${version.files} ${version.files === 1 ? 'file' : 'files'}`,
      'file-binary',
    ),
  ];
  const groups: [string, Node[], string][] = [
    ['Metrics', metrics, 'graph'],
    ['Parameters', params, 'settings'],
    ['Artifacts', artifact, 'folder'],
    ['Lineage', lineage, 'git-commit'],
    ['Checks', checks, 'checklist'],
  ];
  return groups
    .filter(([, children]) => children.length > 0)
    .map(([label, children, icon]) => ({
      ...leaf(`${id}:${label}`, label, String(children.length), icon),
      context: 'group',
      children,
    }));
}

/** What happened, newest first, by day. */
export function activityNodes(events: readonly ThinEvent[], now: number): Node[] {
  const days = new Map<string, Node[]>();
  for (const event of events) {
    const label = happening(event);
    if (label === undefined) continue;
    const day = dayOf(event.at, now);
    days.set(day, [...(days.get(day) ?? []), eventNode(event, label, now)]);
  }
  return [...days].map(([day, children]) => ({ ...leaf(`day:${day}`, day, '', 'calendar'), context: 'day', children }));
}

function eventNode(event: ThinEvent, label: string, now: number): Node {
  const reason =
    typeof event.body['reason'] === 'string' && event.body['reason'] !== '' ? ` "${event.body['reason']}"` : '';
  return {
    id: `event:${event.seq}`,
    label,
    description: `by ${event.actor}${reason} · ${age(event.at, now)}`,
    icon: event.type === 'pointer.moved/1' ? 'rocket' : 'circle-small-filled',
    tooltip: `event ${event.seq} · ${event.type}\n${event.hash}`,
    context: isUndoable(event) ? 'event.undoable' : 'event',
    subject: { kind: 'event', event },
  };
}

function dayOf(at: number, now: number): string {
  const start = (time: number): number => new Date(time).setHours(0, 0, 0, 0);
  const days = Math.round((start(now) - start(at)) / 86_400_000);
  if (days === 0) return 'Today';
  return days === 1 ? 'Yesterday' : new Date(at).toISOString().slice(0, 10);
}

/** Watched folders, live runs, what waits, and the service. */
export function sourceNodes(mirror: Mirror, now: number): Node[] {
  const roots = mirror.status?.roots.map(rootNode) ?? [];
  const runs = mirror.status?.runs.map((run) => runNode(run, now)) ?? [];
  const waiting = mirror.waiting.map((artifact) => ({
    ...candidateNode(artifact, now),
    icon: 'watch',
    description: artifact.reason,
  }));
  return [...roots, ...runs, ...waiting, serviceNode(mirror, now)];
}

function rootNode(root: Root): Node {
  const { registered, candidate, found, ignored } = root.counts;
  const counts = [
    `${registered} registered`,
    candidate > 0 ? `${candidate} candidates` : '',
    found > 0 ? `${found} found` : '',
    ignored > 0 ? `${ignored} ignored` : '',
  ];
  return {
    id: `root:${root.path}`,
    label: root.path.split(/[\\/]/).at(-1) ?? root.path,
    description: [root.state === 'watching' ? '' : root.state, ...counts].filter((part) => part !== '').join(' · '),
    icon: root.state === 'error' || root.state === 'missing' ? 'warning' : 'eye',
    tooltip: `${root.path}\n${root.detail ?? 'watching'}`,
    context: 'root',
    subject: { kind: 'root', root },
  };
}

function runNode(run: Run, now: number): Node {
  const metric = mainMetric(run.metrics);
  return {
    id: `run:${run.folder}`,
    label: run.folder.split(/[\\/]/).at(-1) ?? run.folder,
    description: [run.status, metric ? `${metric[0]} ${number(metric[1])}` : '', age(run.updatedAt, now)]
      .filter((part) => part !== '')
      .join(' · '),
    icon: 'beaker',
    tooltip: run.folder,
    context: 'run',
    subject: { kind: 'run', run },
  };
}

function serviceNode(mirror: Mirror, now: number): Node {
  const { status, phase, problem } = mirror;
  const facts =
    status && phase === 'running'
      ? `process ${status.pid} · up since ${age(status.startedAt, now)} · ${size(status.memoryBytes)}`
      : (problem ?? phase);
  return {
    ...leaf('service', `Registry service ${status?.version ?? ''}`.trim(), facts, 'server-process'),
    context: `service.${phase}`,
    subject: { kind: 'service' },
  };
}
