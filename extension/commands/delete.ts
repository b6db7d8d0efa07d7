import * as vscode from 'vscode';
import { deleteModel } from '../../daemon/clients/client/delete-model.ts';
import type { Version } from '../../daemon/protocol/model.ts';
import { readAllPages } from '../../daemon/shared/paging.ts';
import { reviewDeletion } from '../../daemon/shared/review/deletion-review.ts';
import type { Extension } from '../context.ts';
import { consumersOf, loadersIn, nobody, pinnedLoadersOf } from '../language/consumers.ts';
import { modelFrom, versionsFrom } from '../pick.ts';
import { showReview, type Review } from '../review/review-pick.ts';
import type { Node } from '../trees/nodes.ts';
import { selection, type Command } from './command.ts';
import { offerUndo } from './receipts.ts';

/** Commands that delete. Each first names everything that it touches, and Enter cancels. */
export const deleteCommands: Command[] = [
  { id: 'plinth.delete', run: (extension, node, ...rest) => removeVersions(extension, node, selection(rest)) },
  { id: 'plinth.deleteModel', run: removeModel },
];

async function removeVersions(
  extension: Extension,
  node: Node | undefined,
  nodes: readonly Node[] | undefined,
): Promise<void> {
  const chosen = await versionsFrom(extension, node, nodes, vscode.l10n.t('Delete Version'));
  if (chosen.length === 0) return;
  const names = chosen.map(({ model, number }) => `${model} v${number}`).join(', ');
  if (!(await confirmed(extension, chosen, names, pinnedLoadersIn))) return;
  for (const { model, number } of chosen) {
    const request = { model, version: String(number) };
    const { seq } = await extension.service.call('POST /models/:model/versions/:version/delete', request);
    offerUndo(extension, vscode.l10n.t('Deleted {0} v{1}.', model, number), seq);
  }
}

/** Deletes every version of a model. */
async function removeModel(extension: Extension, node?: Node): Promise<void> {
  const model = await modelFrom(extension, node, vscode.l10n.t('Delete Model'));
  if (model === undefined) return;
  const { items } = await readAllPages((page) =>
    extension.service.call('GET /models/:model/versions', { model, ...page }),
  );
  const what =
    items.length === 1
      ? vscode.l10n.t('{0} with its only version', model)
      : vscode.l10n.t('{0} with all {1} versions', model, items.length);
  if (!(await confirmed(extension, items, what, async (name) => loadersIn(await consumersOf(name))))) return;
  const deleted = await deleteModel((route, request) => extension.service.call(route, request), model);
  const [newest] = deleted;
  if (newest)
    offerUndo(extension, vscode.l10n.t('Deleted all {0} versions of {1}.', deleted.length, model), newest.seq);
}

type ReadLoaders = (model: string, versions: readonly Version[]) => Promise<typeof nobody>;

const pinnedLoadersIn: ReadLoaders = (model, versions) => {
  return pinnedLoadersOf(model, new Set(versions.map(({ number }) => number)));
};

/** Shows what deleting touches, and asks. The first row cancels. */
async function confirmed(
  extension: Extension,
  versions: readonly Version[],
  what: string,
  readLoaders: ReadLoaders,
): Promise<boolean> {
  const groups = [...Map.groupBy(versions, ({ model }) => model)];
  const read = await Promise.all(
    groups.map(async ([model, own]) => {
      const { pointers } = await extension.service.call('GET /models/:model', { model });
      return { model, versions: own, pointers };
    }),
  );
  const loading = Promise.all(
    read.map(async (facts) => ({ ...facts, loaders: await readLoaders(facts.model, facts.versions) })),
  );
  const first = read.map((facts) => reviewDeletion({ ...facts, loaders: nobody }));
  const later = loading.then((all) => shown(all.map(reviewDeletion), what));
  return (await showReview(shown(first, what), later)) === 'delete';
}

function shown(reviews: readonly ReturnType<typeof reviewDeletion>[], what: string): Review<'cancel' | 'delete'> {
  const mayDelete = reviews.every((review) => review.mayDelete);
  const label = vscode.l10n.t('$(trash) Delete {0}', what);
  return {
    title: mayDelete ? vscode.l10n.t('Delete {0}?', what) : vscode.l10n.t('Cannot delete {0}', what),
    placeholder: vscode.l10n.t('Enter cancels'),
    first: [{ label: vscode.l10n.t('$(close) Cancel'), act: 'cancel' }],
    sections: [{ label: vscode.l10n.t('What Changes'), lines: reviews.flatMap(({ lines }) => lines) }],
    last: mayDelete ? [{ label, act: 'delete' }] : [],
  };
}
