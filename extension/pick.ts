import * as vscode from 'vscode';
import type { Version } from '../daemon/protocol/model.ts';
import type { Extension } from './context.ts';
import { metricLabel } from './trees/labels.ts';
import type { Node } from './trees/nodes.ts';
import { referenceTo, splitReference } from '../daemon/shared/references.ts';
import { mostInformativeMetric } from '../daemon/shared/metrics.ts';

/** Returns the version that a command was called on, or one that the person picks; undefined when they pick none. */
export async function versionFrom(
  extension: Extension,
  node: Node | undefined,
  title: string,
): Promise<Version | undefined> {
  const known = await versionOf(extension, node);
  if (known) return known;
  const model = node?.subject?.kind === 'model' ? node.subject.model.name : await pickModel(extension, title);
  return model === undefined ? undefined : pickVersion(extension, model, title);
}

/** Reads the reference that a page's own context menu passes instead of a row. */
function referenceIn(target: unknown): string | undefined {
  const reference =
    typeof target === 'object' && target !== null && 'reference' in target ? target.reference : undefined;
  return typeof reference === 'string' ? reference : undefined;
}

async function versionOf(extension: Extension, node: Node | undefined): Promise<Version | undefined> {
  const reference = referenceIn(node);
  if (reference !== undefined) return readReference(extension, reference);
  const subject = node?.subject;
  switch (subject?.kind) {
    case 'version':
    case 'files':
    case 'lineage':
    case 'file':
      return subject.version;
    case 'pointer':
      return readVersion(extension, subject.model, String(subject.pointer.holder));
    case 'event':
      return subject.event.model !== null && subject.event.number !== null
        ? readVersion(extension, subject.event.model, String(subject.event.number))
        : undefined;
    case 'saved':
      return readReference(extension, subject.version);
    case 'compared':
      return readReference(extension, subject.reference);
    default:
      return undefined;
  }
}

/** Returns all selected versions, or one that the person picks. */
export async function versionsFrom(
  extension: Extension,
  node: Node | undefined,
  nodes: readonly Node[] | undefined,
  title: string,
): Promise<Version[]> {
  const chosen = selectedVersions(nodes);
  if (chosen.length > 1) return chosen;
  const one = await versionFrom(extension, node, title);
  return one ? [one] : [];
}

export function selectedVersions(nodes: readonly Node[] | undefined): Version[] {
  return (nodes ?? []).flatMap(({ subject }) => (subject.kind === 'version' ? [subject.version] : []));
}

export async function readVersion(extension: Extension, model: string, version: string): Promise<Version> {
  return (await extension.service.call('GET /models/:model/versions/:version', { model, version })).version;
}

/** Reads the version of a `model@version` reference. */
export async function readReference(extension: Extension, reference: string): Promise<Version> {
  const { model, version = '' } = splitReference(reference);
  return readVersion(extension, model, version);
}

export function referenceOf(version: Pick<Version, 'model' | 'number'>): string {
  return referenceTo(version.model, version.number);
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
  if (subject?.kind === 'event' && subject.event.model !== null) return subject.event.model;
  return pickModel(extension, title);
}

/** Lets the person pick among all models. Models that are already known are listed at once. */
export async function pickModel(extension: Extension, title: string): Promise<string | undefined> {
  const known = extension.service.mirror;
  const models =
    known.phase === 'running' ? known.models : (await extension.service.call('GET /models', { limit: 500 })).items;
  if (models.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('No models yet. Watch a training folder or register a file.'),
    );
    return undefined;
  }
  const picks = models.map(({ name, latest, description }) => ({
    label: name,
    description: `v${latest ?? '–'}`,
    detail: description,
  }));
  const picked = await vscode.window.showQuickPick(picks, {
    title,
    placeHolder: vscode.l10n.t('Model'),
    matchOnDetail: true,
  });
  return picked?.label;
}

export async function pickVersion(
  extension: Extension,
  model: string,
  title: string,
  except?: number,
): Promise<Version | undefined> {
  const { items } = await extension.service.call('GET /models/:model/versions', { model, limit: 200 });
  const picks = items
    .filter(({ number: own }) => own !== except)
    .map((version) => ({ ...versionPick(version), version }));
  const placeHolder = vscode.l10n.t('Version of {0}', model);
  return (await vscode.window.showQuickPick(picks, { title, placeHolder, matchOnDescription: true }))?.version;
}

/** Returns a version as an item of a quick pick. */
export function versionPick(
  version: Version,
  primary: string | null = mostInformativeMetric(version.metrics),
): vscode.QuickPickItem {
  const aliases = version.aliases.map((alias) => `@${alias}`).join(' ');
  const facts = [
    version.stage,
    aliases,
    metricLabel(version.metrics, primary),
    new Date(version.createdAt).toLocaleString(),
  ];
  return { label: `v${version.number}`, description: facts.filter((fact) => fact !== '').join(' · ') };
}
