import * as vscode from 'vscode';
import type { Version } from '../../daemon/protocol/model.ts';
import type { Extension } from '../context.ts';
import { mainMetric, number } from '../labels.ts';
import type { Node } from '../nodes.ts';

/** The version a command was called on, else one that the person picks; undefined when they do not. */
export async function versionFrom(
  extension: Extension,
  node: Node | undefined,
  title: string,
): Promise<Version | undefined> {
  if (node?.subject.kind === 'version') return node.subject.version;
  if (node?.subject.kind === 'pointer')
    return readVersion(extension, node.subject.model, String(node.subject.pointer.holder));
  const model = node?.subject.kind === 'model' ? node.subject.model.name : await pickModel(extension, title);
  return model === undefined ? undefined : pickVersion(extension, model, title);
}

export async function readVersion(extension: Extension, model: string, version: string): Promise<Version> {
  return (await extension.service.call('GET /models/:model/versions/:version', { model, version })).version;
}

export async function modelFrom(
  extension: Extension,
  node: Node | undefined,
  title: string,
): Promise<string | undefined> {
  const subject = node?.subject;
  if (subject?.kind === 'model') return subject.model.name;
  if (subject?.kind === 'pointer') return subject.model;
  if (subject?.kind === 'version') return subject.version.model;
  return pickModel(extension, title);
}

async function pickModel(extension: Extension, title: string): Promise<string | undefined> {
  const { items } = await extension.service.call('GET /models', { limit: 500 });
  if (items.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('There are no models yet. Watch a training folder, or register a file.'),
    );
    return undefined;
  }
  const picked = await vscode.window.showQuickPick(
    items.map((model) => ({ label: model.name, description: `v${model.latest ?? '–'}` })),
    { title, placeHolder: vscode.l10n.t('Model') },
  );
  return picked?.label;
}

export async function pickVersion(
  extension: Extension,
  model: string,
  title: string,
  except?: number,
): Promise<Version | undefined> {
  const { items } = await extension.service.call('GET /models/:model/versions', { model, limit: 100 });
  const picks = items
    .filter((version) => version.number !== except)
    .map((version) => ({ ...versionPick(version), version }));
  return (
    await vscode.window.showQuickPick(picks, {
      title,
      placeHolder: vscode.l10n.t('Version of {0}', model),
      matchOnDescription: true,
    })
  )?.version;
}

/** A version as a row of a quick pick. */
export function versionPick(version: Version): vscode.QuickPickItem {
  const metric = mainMetric(version.metrics);
  const facts = [
    version.stage,
    metric ? `${metric[0]} ${number(metric[1])}` : '',
    new Date(version.createdAt).toLocaleString(),
  ];
  return { label: `v${version.number}`, description: facts.filter((fact) => fact !== '').join(' · ') };
}
