import * as l10n from '@vscode/l10n';
import type { CompareRow, Comparison } from '../../../daemon/protocol/comparison.ts';
import type { Lineage, Siblings } from '../../../daemon/protocol/lineage.ts';
import { pointerText } from '../../../daemon/shared/event-text.ts';
import { countText, dateText, sizeText } from '../../../daemon/shared/format.ts';
import { referenceTo, splitReference } from '../../../daemon/shared/references.ts';
import type { LineageView, PageLocation } from '../../protocol.ts';
import type { GraphNode } from './graph-layout.ts';

export interface LineageNode extends GraphNode {
  kind: 'data' | 'code' | 'environment' | 'run' | 'version' | 'stage' | 'consumer';
  title: string;
  /** One fact, below the title. */
  fact: string;
  /** True for what was not captured. */
  isUnknown: boolean;
  /** What differs from the version that is laid over; empty for nothing. */
  changed: string;
  details: (readonly [string, string])[];
  /** The page that it leads to. */
  place?: PageLocation;
  /** A text that was captured with the version. */
  captured?: string;
  /** Checksums of the data; for the run, an empty list. Versions that have this in common can be shown. */
  common?: readonly string[];
  /** True for a version that has the run or the data in common. */
  isSibling?: true;
}

export interface LineageGraph {
  nodes: LineageNode[];
  edges: [string, string][];
}

/** What stands before the title of a node. */
export const signs: Record<LineageNode['kind'], string> = {
  data: '▤',
  code: '‹›',
  environment: '⬚',
  run: '▷',
  version: '◆',
  stage: '⚑',
  consumer: '⇱',
};

const maxData = 6;
const maxSiblings = 6;
const layers = { data: 0, code: 0, environment: 0, run: 1, version: 2, stage: 3, consumer: 4 } as const;

/** The parts of a view that a graph is drawn from. */
export type LineageSource = Pick<LineageView, 'detail' | 'model' | 'comparison' | 'references'> &
  Partial<Pick<LineageView, 'uncommittedLines'>>;

/** Returns what a version was made of, the run that made it, and what it is used for, as nodes and edges. */
export function lineageGraph(view: LineageSource, siblings?: ShownSiblings): LineageGraph {
  const { detail, model, comparison, references = 0 } = view;
  const { lineage, version } = detail;
  const sources = [
    ...dataNodes(lineage, comparison),
    codeNode(lineage, comparison, view.uncommittedLines ?? null),
    environmentNode(lineage, comparison),
  ];
  const run = runNode(detail, comparison);
  const own = versionNode(detail);
  const stages = stageNodes(model.pointers, version.number, model.name);
  const consumers = references === 0 ? [] : [consumerNode(references, model.name)];
  const edges: [string, string][] = [
    ...sources.map((node): [string, string] => [node.id, run.id]),
    [run.id, own.id],
    ...stages.map((node): [string, string] => [own.id, node.id]),
    ...consumers.flatMap((node) =>
      (stages.length > 0 ? stages : [own]).map(({ id }): [string, string] => [id, node.id]),
    ),
  ];
  const known = [...sources, run];
  const others = siblings ? siblingNodes(siblings, known) : [];
  edges.push(...others.map((node): [string, string] => [siblings?.of ?? '', node.id]));
  return { nodes: [...known, own, ...others, ...stages, ...consumers], edges };
}

/** Versions to show beside the version: of which node they share what it stands for. */
export interface ShownSiblings extends Siblings {
  /** The id of the run's node, or of data. */
  of: string;
}

/** Returns the versions that share a node, at most some; a last node counts the others. */
function siblingNodes({ of, run, data, notRead }: ShownSiblings, known: readonly LineageNode[]): LineageNode[] {
  const digests = known.find(({ id }) => id === of)?.common;
  if (!digests) return [];
  const isRun = of === 'run';
  const shared = data.filter((one) => one.digests.some((digest) => digests.includes(digest)));
  const references = isRun ? run : shared.map(({ reference }) => reference);
  const fact = isRun ? l10n.t('from the same run') : l10n.t('with the same data');
  const nodes = references.slice(0, maxSiblings).map((reference) => {
    const { model, version = '' } = splitReference(reference);
    const place = { page: 'version', model, version } as const;
    return nodeOf('version', `sibling ${reference}`, reference, { fact, place, isSibling: true });
  });
  const rest = references.slice(maxSiblings);
  const unread = !isRun && notRead > 0 ? [l10n.t('{0} older versions were not compared', countText(notRead))] : [];
  if (rest.length === 0 && unread.length === 0 && nodes.length > 0) return nodes;
  const others = rest.length > 0 ? l10n.t('{0} more versions', rest.length) : l10n.t('No other versions');
  const isOnlyUnread = nodes.length > 0 && rest.length === 0;
  const title = isOnlyUnread ? (unread[0] ?? others) : others;
  const details = [...unread, ...rest].map((text): [string, string] => ['', text]);
  const more = { fact: isOnlyUnread ? '' : (unread[0] ?? fact), details, isSibling: true } as const;
  return [...nodes, nodeOf('version', 'more siblings', title, more)];
}

function nodeOf(
  kind: LineageNode['kind'],
  id: string,
  title: string,
  more: Partial<Omit<LineageNode, 'kind' | 'id' | 'title'>> = {},
): LineageNode {
  return { kind, id, layer: layers[kind], title, fact: '', isUnknown: false, changed: '', details: [], ...more };
}

/** Why a thing is unknown, and how it becomes known. */
function unknownNode(kind: LineageNode['kind'], title: string, lineage: Lineage | null, how: string): LineageNode {
  const why = lineage === null ? l10n.t('The lineage of this version was not captured.') : lineage.missing.join(' ');
  const details: [string, string][] = [
    [l10n.t('Why not captured'), why === '' ? l10n.t('Nothing was found.') : why],
    [l10n.t('How to capture it'), how],
  ];
  return nodeOf(kind, kind, title, { isUnknown: true, fact: l10n.t('unknown'), details });
}

function changedRows(rows: readonly CompareRow[] | undefined): CompareRow[] {
  return (rows ?? []).filter(({ differs }) => differs);
}

function dataNodes(lineage: Lineage | null, comparison: Comparison | null): LineageNode[] {
  const files = lineage?.data ?? [];
  if (files.length === 0) {
    const how = l10n.t('Name the data file in a parameter or on the command line, or track it with DVC.');
    return [unknownNode('data', l10n.t('Data'), lineage, how)];
  }
  const changed = new Set(changedRows(comparison?.data).map(({ name }) => name));
  const nodes = files.slice(0, maxData).map(({ path, size, rows, columns, digest, named }, index) =>
    nodeOf('data', `data ${index}`, path, {
      fact: [size === 0 ? '' : sizeText(size), rows === null ? '' : l10n.t('{0} rows', countText(rows))]
        .filter((part) => part !== '')
        .join(' · '),
      changed: changed.has(path) ? l10n.t('data changed') : '',
      common: [digest],
      details: [
        [l10n.t('Path'), path],
        [l10n.t('Checksum'), digest],
        [l10n.t('Columns'), columns?.join(', ') ?? ''],
        [l10n.t('Referenced by'), named],
      ],
    }),
  );
  const rest = files.slice(maxData).map(({ path }): [string, string] => ['', path]);
  if (rest.length === 0) return nodes;
  return [...nodes, nodeOf('data', 'more data', l10n.t('{0} more data files', rest.length), { details: rest })];
}

function codeNode(lineage: Lineage | null, comparison: Comparison | null, lines: number | null): LineageNode {
  const { code, captured = [] } = lineage ?? {};
  if (!code) return unknownNode('code', l10n.t('Code'), lineage, l10n.t('Train in a git repository.'));
  const state = code.changed === true ? uncommittedText(lines) : code.changed === false ? l10n.t('clean') : '';
  const diff = captured.find(({ path }) => path === 'uncommitted.diff');
  const differing = changedRows(comparison?.code).map(({ name }) => name);
  const isOnlyDiff = differing.length > 0 && differing.every((name) => /^(uncommitted\.diff|changed)$/.test(name));
  return nodeOf('code', 'code', code.commit.slice(0, 12), {
    fact: [code.branch ?? '', state].filter((part) => part !== '').join(' · '),
    changed: differing.length === 0 ? '' : isOnlyDiff && code.changed === true ? state : l10n.t('code changed'),
    details: [
      [l10n.t('Commit'), code.commit],
      [l10n.t('Branch'), code.branch ?? ''],
      [l10n.t('Repository'), code.remote ?? code.repository],
      [l10n.t('State'), state],
      [l10n.t('Untracked files'), code.untracked.join(', ')],
    ],
    ...(diff ? { captured: diff.path } : {}),
  });
}

function uncommittedText(lines: number | null): string {
  if (lines === null || lines === 0) return l10n.t('with uncommitted changes');
  return lines === 1 ? l10n.t('1 uncommitted line') : l10n.t('{0} uncommitted lines', countText(lines));
}

function environmentNode(lineage: Lineage | null, comparison: Comparison | null): LineageNode {
  const { environment } = lineage ?? {};
  if (!environment) {
    const how = l10n.t('Train in a virtual environment, or keep a lock file in the project.');
    return unknownNode('environment', l10n.t('Environment'), lineage, how);
  }
  const differing = changedRows(comparison?.environment);
  const packages = Object.keys(environment.packages).length;
  return nodeOf('environment', 'environment', `Python ${environment.python ?? l10n.t('unknown')}`, {
    fact: l10n.t('{0} packages', packages),
    changed: differing.length === 0 ? '' : l10n.t('{0} packages differ', differing.length),
    details: [
      ['CUDA', environment.cuda ?? ''],
      [l10n.t('Source'), environment.source],
      ...differing.map(({ name, values }): [string, string] => [
        name,
        `${valueText(values[0])} → ${valueText(values[1])}`,
      ]),
    ],
  });
}

function valueText(value: CompareRow['values'][number] | undefined): string {
  return value === null || value === undefined
    ? l10n.t('none')
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);
}

function runNode({ version, lineage }: LineageView['detail'], comparison: Comparison | null): LineageNode {
  const { source } = version;
  const { process, seeds = {} } = lineage ?? {};
  const differing = changedRows(comparison?.params);
  const ways = {
    watch: l10n.t('Detected in watched folder'),
    hand: l10n.t('Registered manually'),
    move: l10n.t('Moved from another model'),
    import: l10n.t('Imported'),
    mlflow: l10n.t('Registered through MLflow'),
  };
  return nodeOf('run', 'run', baseName(process?.script ?? source.run ?? source.path), {
    fact: ways[source.kind],
    isUnknown: !process && source.run === null,
    ...(source.run === null ? {} : { common: [] }),
    changed: differing.length === 0 ? '' : l10n.t('{0} parameters differ', differing.length),
    details: [
      [l10n.t('Command'), process?.command.join(' ') ?? ''],
      [l10n.t('Interpreter'), process?.interpreter ?? ''],
      [l10n.t('Started'), typeof process?.startedAt === 'number' ? dateText(process.startedAt) : ''],
      [l10n.t('Folder'), source.run ?? process?.folder ?? ''],
      [l10n.t('Source path'), source.path],
      [
        l10n.t('Seeds'),
        Object.entries(seeds)
          .map(([name, value]) => `${name}=${value}`)
          .join(', '),
      ],
      ...differing.map(({ name, values }): [string, string] => [
        name,
        `${valueText(values[0])} → ${valueText(values[1])}`,
      ]),
    ],
  });
}

function baseName(path: string): string {
  return path.replace(/^.*[\\/](?=[^\\/])/s, '');
}

function versionNode({ version }: LineageView['detail']): LineageNode {
  const { model, number, framework, size, digest, actor } = version;
  return nodeOf('version', 'version', referenceTo(model, number), {
    fact: `${framework} · ${sizeText(size)}`,
    details: [
      [l10n.t('Checksum'), digest],
      [l10n.t('Registered by'), actor],
    ],
    place: { page: 'version', model, version: String(number) },
  });
}

function stageNodes(pointers: LineageView['model']['pointers'], number: number, model: string): LineageNode[] {
  return pointers
    .filter(({ holder }) => holder === number)
    .map((pointer) =>
      nodeOf('stage', `stage ${pointerText(pointer)}`, pointerText(pointer), {
        fact: pointer.reason,
        details: [
          [l10n.t('Since'), dateText(pointer.at)],
          [l10n.t('By'), pointer.actor],
          [l10n.t('Reason'), pointer.reason],
        ],
        place: { page: 'model', model },
      }),
    );
}

function consumerNode(references: number, model: string): LineageNode {
  const title = references === 1 ? l10n.t('1 reference') : l10n.t('{0} references', references);
  return nodeOf('consumer', 'consumers', title, {
    fact: l10n.t('in this workspace'),
    details: [[l10n.t('Model'), model]],
  });
}
