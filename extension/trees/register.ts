import * as vscode from 'vscode';
import type { Basket } from '../compare-selection.ts';
import { activityNodes } from './rows/activity.ts';
import { compareNodes } from './rows/compare.ts';
import { modelNodes } from './rows/models.ts';
import type { TreeInput } from './tree-input.ts';
import type { Node } from './nodes.ts';
import { sourceNodes } from './rows/sources.ts';
import type { Service } from '../service.ts';
import { setting } from '../settings.ts';
import { dropOnModels } from './drag-and-drop.ts';
import { NodeView } from './node-view.ts';
import type { Options } from './options.ts';
import { TreeFilter } from './tree-filter.ts';
import type { Seen } from './unread-versions.ts';
import { updateViewMessage } from './view-message.ts';
import type { Opening } from './view-state.ts';

/** The models' tree, for code that reveals a row of it or reads the selection. */
export interface ModelsView {
  readonly rows: NodeView;
  readonly tree: vscode.TreeView<Node>;
}

export interface Shown {
  service: Service;
  basket: Basket;
  options: Options;
  seen: Seen;
  /** Called each time the models become visible. */
  opening: Opening & { opened(): Promise<void>; onChange: vscode.Event<void> };
}

/** Many changes come together, so the trees are drawn once for all of them. */
export const drawAfterMs = 30;

/** Registers the four trees, which are redrawn when the mirror changes. */
export function registerViews(shown: Shown): vscode.Disposable & ModelsView {
  const { service, basket, options, seen, opening } = shown;
  const filter = new TreeFilter(service, options);
  /** The order in which the models are shown. It is kept while somebody may be pointing at a row. */
  let order: readonly string[] | undefined;
  const drawing = (): TreeInput => {
    return { options: options.now, seen: seen.numbers, now: Date.now(), found: filter.found, order };
  };
  const models = new NodeView((node) => void ask(service, node).catch(() => undefined));
  const tree = createModelsTree(models);
  const [activity, sources, compare] = [new NodeView(), new NodeView(), new NodeView()];
  const draw = (): void => {
    const { mirror } = service;
    seen.begin(mirror);
    models.draw(modelNodes(mirror, drawing()));
    order = tree.visible ? shownOrder(models.roots) : undefined;
    activity.draw(activityNodes(mirror, Date.now()));
    sources.draw(sourceNodes(mirror, Date.now()));
    updateViewMessage(tree, mirror, {
      options: options.now,
      problem: filter.problem,
      opening,
      isEmpty: models.roots.length === 0,
    });
    badge(tree, seen.fresh(mirror));
  };
  const drawCompared = (): void => compare.draw(compareNodes(basket.references));
  const redraw = throttled(draw);
  const sortAgain = (): void => {
    order = undefined;
    redraw();
  };
  const minute = setInterval(redraw, 60_000);
  drawCompared();
  const parts = [
    tree,
    tree.onDidChangeVisibility(({ visible }) => (visible ? void opening.opened() : void seen.look(service.mirror))),
    ...showTrees({ activity, sources, compare }),
    service.onChange(redraw),
    options.onChange(sortAgain),
    filter,
    filter.onChange(redraw),
    opening.onChange(redraw),
    vscode.window.onDidChangeWindowState(({ focused }) => (focused ? undefined : sortAgain())),
    basket.onChange(drawCompared),
    new vscode.Disposable(() => clearInterval(minute)),
  ];
  if (tree.visible) void opening.opened();
  return { rows: models, tree, dispose: () => vscode.Disposable.from(...parts).dispose() };
}

function showTrees(views: Readonly<Record<string, NodeView>>): vscode.Disposable[] {
  return Object.entries(views).map(([name, treeDataProvider]) =>
    vscode.window.createTreeView(`plinth.${name}`, { treeDataProvider }),
  );
}

function createModelsTree(treeDataProvider: NodeView): vscode.TreeView<Node> {
  return vscode.window.createTreeView('plinth.models', {
    treeDataProvider,
    showCollapseAll: true,
    canSelectMany: true,
    dragAndDropController: dropOnModels(),
  });
}

/** Returns the names of the models in the order of their rows, which may stand in groups. */
function shownOrder(rows: readonly Node[]): string[] {
  return rows.flatMap(({ subject, context, children }) => {
    if (subject.kind === 'model') return [subject.model.name];
    return context === 'group' ? shownOrder(children ?? []) : [];
  });
}

/** Reads the content of a row, which appears when the tree is next drawn. */
async function ask(service: Service, { subject }: Node): Promise<void> {
  if (subject.kind === 'files' || subject.kind === 'lineage') await service.openVersion(subject.version);
  if (subject.kind === 'model') await service.open(subject.model.name);
}

function throttled(act: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      act();
    }, drawAfterMs);
  };
}

function badge(tree: vscode.TreeView<Node>, fresh: number): void {
  const wanted = setting('badge.enabled', true) && fresh > 0 && !tree.visible;
  tree.badge = wanted ? { value: fresh, tooltip: vscode.l10n.t('{0} new versions', fresh) } : undefined;
}
