import type { Range } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Features, ReferenceAct } from '../../protocol/code-action.ts';
import { referenceCommand } from '../../protocol/code-action.ts';
import type { Model } from '../../protocol/model.ts';
import type { Lock } from './lock/lock.ts';
import { suffixOf } from './references/reference.ts';
import type { ModelReference, PathReference, Reference, Selector } from './references/reference.ts';
import type { KnownVersion, Registry } from './mirror/reducer.ts';
import { resolve } from './references/resolve.ts';
import type { GateLookup } from './gate-reports.ts';
import { pointerText } from '../../shared/event-text.ts';

/** A document with everything that is needed to answer a request about it. Nothing here waits. */
export interface Scene {
  document: TextDocument;
  /** References in order of position. */
  references: readonly Reference[];
  registry: Registry;
  /** Current time, epoch ms. */
  now: number;
  features: Features;
  /** True if the editor can run our commands. */
  commands: boolean;
  /** Returns the version that the file at a path is; undefined if unknown. */
  identified: (reference: PathReference) => KnownVersion | undefined;
  /** The workspace's plinth.lock; undefined for none. */
  lock: { uri: string; text: string; entries: Lock } | undefined;
  gates: GateLookup;
  /** Returns how often the workspace names a model. */
  uses: (model: string) => number;
}

/** Returns the reference at an offset, its ends included; undefined for none. */
export function referenceAt({ references }: Scene, offset: number): Reference | undefined {
  return references.find(({ start, end }) => start <= offset && offset <= end);
}

export function rangeOf({ document }: Pick<Scene, 'document'>, { start, end }: { start: number; end: number }): Range {
  return { start: document.positionAt(start), end: document.positionAt(end) };
}

export function selectorRange(scene: Pick<Scene, 'document'>, { modelEnd, end }: ModelReference): Range {
  return rangeOf(scene, { start: modelEnd, end });
}

/** Returns the edit that makes a reference lead to another selector of a model. Replaces all of it if it uses another name of the model. */
export function selectorEdit(
  scene: Pick<Scene, 'document'>,
  reference: ModelReference,
  model: string,
  selector: Selector,
): { range: Range; text: string } {
  const suffix = suffixOf(reference.form, selector);
  if (reference.model === model) return { range: selectorRange(scene, reference), text: suffix };
  const range = rangeOf(scene, { start: reference.modelStart, end: reference.end });
  return { range, text: model + suffix };
}

/** Returns the model and version that a reference resolves to; undefined for none. */
export function meaning(
  scene: Scene,
  reference: Reference,
): { model: Model; version: KnownVersion | null } | undefined {
  if (reference.form === 'path') {
    const version = scene.identified(reference);
    const model = version && scene.registry.models.get(version.model);
    return model && { model, version };
  }
  const resolved = resolve(scene.registry, reference);
  if (resolved.kind === 'version') return { model: resolved.model, version: resolved.version };
  if (resolved.kind === 'model' || resolved.kind === 'vacant') return { model: resolved.model, version: null };
  return undefined;
}

/** Returns a `command:…` link that performs an action. */
export function commandLink(act: ReferenceAct): string {
  return `command:${referenceCommand}?${encodeURIComponent(JSON.stringify([act]))}`;
}

export function label({ model, number }: Pick<KnownVersion, 'model' | 'number'>): string {
  return `${model} v${number}`;
}

export function identity({ model, number }: Pick<KnownVersion, 'model' | 'number'>): string {
  return `${model}@${number}`;
}

/** Returns every exclusive stage and alias of a version: `production`, `@champion`. */
export function pointersOf(model: Model, { number }: KnownVersion): string[] {
  return model.pointers.filter(({ holder }) => holder === number).map(pointerText);
}
