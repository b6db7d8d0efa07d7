import {
  InlayHintKind,
  type CodeLens,
  type DocumentLink,
  type InlayHint,
  type Location,
  type Range,
} from 'vscode-languageserver';
import { referenceCommand, type ReferenceAct } from '../../../protocol/code-action.ts';
import { distanceBehind, type Behind } from './text.ts';
import type { ModelReference, Reference } from '../references/reference.ts';
import type { KnownVersion } from '../mirror/reducer.ts';
import { resolve } from '../references/resolve.ts';
import {
  commandLink,
  identity,
  label,
  meaning,
  rangeOf,
  referenceAt,
  selectorEdit,
  type Scene,
} from '../document-model.ts';

/** Provides links, hints, lenses and definitions for references. Pure. */

/** Returns a link to the page of each reference that resolves; empty if the editor cannot open pages. */
export function documentLinks(scene: Scene): DocumentLink[] {
  if (!scene.commands) return [];
  return scene.references.flatMap((reference) => {
    const found = meaning(scene, reference);
    if (!found) return [];
    const { model, version } = found;
    const target = commandLink({
      act: 'open',
      model: model.name,
      ...(version ? { version: String(version.number) } : {}),
    });
    return [{ range: rangeOf(scene, reference), target, tooltip: `Open ${version ? label(version) : model.name}` }];
  });
}

/** Returns hints with the version's number, for references without one. */
export function inlayHints(scene: Scene, within?: Range): InlayHint[] {
  const [from, to] = within
    ? [scene.document.offsetAt(within.start), scene.document.offsetAt(within.end)]
    : [0, Infinity];
  return scene.references
    .filter((reference) => reference.end >= from && reference.start <= to)
    .flatMap((reference) => {
      const text = hintOf(scene, reference);
      if (text === undefined) return [];
      const position = scene.document.positionAt(reference.end);
      return [{ position, label: text, kind: InlayHintKind.Type, paddingLeft: true }];
    });
}

function hintOf(scene: Scene, reference: Reference): string | undefined {
  if (reference.form !== 'path' && reference.selector.kind === 'number') return undefined;
  const version = meaning(scene, reference)?.version;
  if (!version) return undefined;
  return reference.form === 'path' ? `→ ${label(version)}` : `→ v${version.number}`;
}

/** Returns a lens above each pin that is behind production: how far, and how to update it. */
export function codeLenses(scene: Scene): CodeLens[] {
  return scene.references.flatMap((reference) => {
    if (reference.form === 'path' || reference.selector.kind !== 'number') return [];
    const resolved = resolve(scene.registry, reference);
    if (resolved.kind !== 'version') return [];
    const late = distanceBehind(scene.registry, resolved.model, resolved.version);
    return late ? lensesOf(scene, reference, resolved.version, late) : [];
  });
}

function lensesOf(scene: Scene, reference: ModelReference, version: KnownVersion, late: Behind): CodeLens[] {
  const range = rangeOf(scene, reference);
  const lens = (title: string, act: ReferenceAct | undefined): CodeLens => ({
    range,
    command: { title, command: act ? referenceCommand : '', ...(act ? { arguments: [act] } : {}) },
  });
  const gain = late.delta === '' ? '' : ` (${late.delta})`;
  const title = `v${version.number} pinned · ${late.by} behind production${gain}`;
  const open: ReferenceAct = { act: 'open', model: version.model, version: String(version.number) };
  const versions = [identity(version), identity(late.holder)];
  const { uri, version: revision } = scene.document;
  const change = selectorEdit(scene, reference, version.model, { kind: 'number', number: late.holder.number });
  const update: ReferenceAct = { act: 'replace', uri, version: revision, ...change };
  if (!scene.commands) return [lens(title, undefined), lens(`update to v${late.holder.number}`, update)];
  return [
    lens(title, open),
    lens('compare', { act: 'compare', versions }),
    lens(`update to v${late.holder.number}`, update),
  ];
}

/** Returns the location of the version's record, in an editor that can show it; null otherwise. */
export function definition(scene: Scene, offset: number): Location | null {
  const reference = scene.commands ? referenceAt(scene, offset) : undefined;
  const version = reference && meaning(scene, reference)?.version;
  if (!version) return null;
  const start = { line: 0, character: 0 };
  const uri = `plinth:/${encodeURIComponent(version.model)}/version.json?${version.number}`;
  return { uri, range: { start, end: start } };
}
