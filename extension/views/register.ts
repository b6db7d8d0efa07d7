import * as vscode from 'vscode';
import type { Service } from '../service.ts';
import { activityNodes, modelNodes, sourceNodes, type Node } from '../nodes.ts';
import type { Mirror } from '../state.ts';
import { dropOnModels } from './drop.ts';
import { NodeView } from './node-view.ts';

/** The three trees, redrawn from the mirror whenever it changes. */
export function registerViews(context: vscode.ExtensionContext, service: Service, onOpened: () => void): NodeView {
  const models = new NodeView((node) => {
    if (node.subject.kind === 'model') void service.open(node.subject.model.name);
  });
  const activity = new NodeView();
  const sources = new NodeView();
  const seen = new Seen(context.globalState);
  const modelTree = vscode.window.createTreeView('plinth.models', {
    treeDataProvider: models,
    showCollapseAll: true,
    canSelectMany: true,
    dragAndDropController: dropOnModels(),
  });
  const draw = (): void => {
    const now = Date.now();
    const { mirror } = service;
    models.draw(modelNodes(mirror, seen.labels, now));
    activity.draw(activityNodes(mirror.activity, now));
    sources.draw(mirror.phase === 'unknown' ? [] : sourceNodes(mirror, now));
    tell(modelTree, mirror);
    badge(modelTree, seen.fresh(mirror));
  };
  const watchVisible = modelTree.onDidChangeVisibility(({ visible }) => {
    if (visible) onOpened();
    else void seen.all(service.mirror);
  });
  if (modelTree.visible) onOpened();
  const redraw = debounced(draw, 30);
  context.subscriptions.push(
    modelTree,
    vscode.window.createTreeView('plinth.activity', { treeDataProvider: activity }),
    vscode.window.createTreeView('plinth.sources', { treeDataProvider: sources }),
    watchVisible,
    service.onChange(redraw),
    { dispose: () => clearInterval(minute) },
  );
  const minute = setInterval(redraw, 60_000);
  return models;
}

function debounced(act: () => void, ms: number): () => void {
  let timer: NodeJS.Timeout | undefined;
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      act();
    }, ms);
  };
}

/** Above the tree: since when it is no longer fresh. */
function tell(tree: vscode.TreeView<Node>, mirror: Mirror): void {
  const away = mirror.phase !== 'running' && mirror.asOf !== null;
  const time = new Date(mirror.asOf ?? 0).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  if (away) tree.message = vscode.l10n.t('Showing data from {0}', time);
  else delete tree.message;
  const state = mirror.phase === 'running' && mirror.status ? emptyState(mirror) : mirror.phase;
  void vscode.commands.executeCommand('setContext', 'plinth.state', state);
}

function emptyState(mirror: Mirror): string {
  if (mirror.models.length > 0) return 'models';
  return (mirror.status?.roots.length ?? 0) > 0 ? 'watching' : 'empty';
}

function badge(tree: vscode.TreeView<Node>, fresh: number): void {
  const wanted = vscode.workspace.getConfiguration('plinth').get('badge.enabled', true);
  if (wanted && fresh > 0 && !tree.visible)
    tree.badge = { value: fresh, tooltip: vscode.l10n.t('{0} new versions', fresh) };
  else delete tree.badge;
}

/** How many versions each model had when the tree was last looked at. */
class Seen {
  readonly #memory: vscode.Memento;

  constructor(memory: vscode.Memento) {
    this.#memory = memory;
  }

  get labels(): ReadonlySet<string> {
    const known = this.#memory.get<Record<string, number>>('plinth.seen', {});
    return new Set(
      Object.entries(known).flatMap(([model, latest]) => Array.from({ length: latest }, (_, n) => `${model}@${n + 1}`)),
    );
  }

  fresh(mirror: Mirror): number {
    const known = this.#memory.get<Record<string, number>>('plinth.seen', {});
    return mirror.models.reduce((sum, model) => sum + Math.max(0, (model.latest ?? 0) - (known[model.name] ?? 0)), 0);
  }

  async all(mirror: Mirror): Promise<void> {
    await this.#memory.update(
      'plinth.seen',
      Object.fromEntries(mirror.models.map((model) => [model.name, model.latest ?? 0])),
    );
  }
}
