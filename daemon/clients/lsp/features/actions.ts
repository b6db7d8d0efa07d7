import { CodeActionKind, type CodeAction, type Diagnostic, type Range } from 'vscode-languageserver';
import { referenceCommand, type ReferenceAct } from '../../../protocol/code-action.ts';
import { findings, type Finding } from './diagnose.ts';
import { updateLock } from '../lock/command.ts';
import { suffixOf, type ModelReference, type Selector } from '../references/reference.ts';
import { liveVersions } from '../mirror/reducer.ts';
import { productionOf, resolve, stagesOf, type Resolved } from '../references/resolve.ts';
import { diagnosticSource } from './diagnostics.ts';
import { rangeOf, selectorEdit, type Scene } from '../document-model.ts';
import { referenceTo, splitReference } from '../../../shared/references.ts';

/** Lists the actions for references in a range; `present` are the diagnostics that the editor shows there. Pure. */
export function codeActions(scene: Scene, range: Range, present: readonly Diagnostic[]): CodeAction[] {
  const [from, to] = [scene.document.offsetAt(range.start), scene.document.offsetAt(range.end)];
  const touched = scene.references.filter(({ start, end }) => start <= to && from <= end);
  return touched.flatMap((reference) => (reference.form === 'path' ? [] : actionsOf(scene, reference, present)));
}

function actionsOf(scene: Scene, reference: ModelReference, present: readonly Diagnostic[]): CodeAction[] {
  const resolved = resolve(scene.registry, reference);
  const found = findings(scene.registry, reference, scene.now);
  const diagnosed = (code: Finding['code']): Pick<CodeAction, 'diagnostics'> => {
    const own = present.filter((one) => one.source === diagnosticSource && one.code === code);
    return own.length > 0 ? { diagnostics: own } : {};
  };
  if (resolved.kind === 'unknown') {
    const marks = diagnosed(`unknown-${resolved.what}`);
    return [...meantInstead(scene, reference, resolved), ...createActions(resolved)].map((one) => ({
      ...one,
      ...marks,
    }));
  }
  if (resolved.kind !== 'version') return [];
  const codes = found.map(({ code }) => code);
  const leading = codes.includes('moved')
    ? toNewPlace(scene, reference, resolved)
    : updateActions(scene, reference, resolved);
  const others = codes.filter((code) => code !== 'merged');
  const marks = others[0] === undefined ? {} : diagnosed(others.includes('behind') ? 'behind' : others[0]);
  return [
    ...toNewName(scene, reference, resolved).map((one) => ({ ...one, ...diagnosed('merged') })),
    ...leading.map((one) => ({ ...one, ...marks })),
    ...drifted(scene, reference, diagnosed('drift')),
    ...pinOrFollow(scene, reference, resolved),
  ];
}

function drifted(scene: Scene, reference: ModelReference, marks: Pick<CodeAction, 'diagnostics'>): CodeAction[] {
  return updateLock(scene, reference).map((one) => ({ ...one, ...marks }));
}

/** Returns actions that replace a name by similar ones, the closest preferred. */
function meantInstead(scene: Scene, reference: ModelReference, resolved: Resolved & { kind: 'unknown' }): CodeAction[] {
  const { modelStart, modelEnd, selectorStart, selectorEnd } = reference;
  const range =
    resolved.what === 'model' ? { start: modelStart, end: modelEnd } : { start: selectorStart, end: selectorEnd };
  return resolved.closest.map((name, index) => ({
    ...edit(scene, rangeOf(scene, range), `Change to ${resolved.what === 'version' ? `v${name}` : name}`, name),
    isPreferred: index === 0,
  }));
}

/** Returns an action that creates a missing alias: for production's version, else for the newest. */
function createActions({ what, model, name }: Resolved & { kind: 'unknown' }): CodeAction[] {
  const number = model && (productionOf(model) ?? model.latest);
  if (what !== 'alias' || !model || number === null) return [];
  const title = `Create the alias @${name} for ${model.name} v${number}`;
  const act: ReferenceAct = { act: 'set-alias', model: model.name, alias: name, number };
  return [{ title, kind: CodeActionKind.QuickFix, command: { title, command: referenceCommand, arguments: [act] } }];
}

function toNewPlace(
  scene: Scene,
  reference: ModelReference,
  { version }: Resolved & { kind: 'version' },
): CodeAction[] {
  const { model, version: number } = splitReference(version.movedTo ?? '');
  if (!model || !number) return [];
  const suffix = suffixOf(reference.form, { kind: 'number', number: Number(number) });
  const range = rangeOf(scene, { start: reference.modelStart, end: reference.end });
  return [{ ...edit(scene, range, `Change to ${version.movedTo}`, model + suffix), isPreferred: true }];
}

/** Returns an action that replaces a merged model's number by the present reference. */
function toNewName(scene: Scene, reference: ModelReference, { version }: Resolved & { kind: 'version' }): CodeAction[] {
  if (reference.model === version.model) return [];
  const { range, text } = selectorEdit(scene, reference, version.model, { kind: 'number', number: version.number });
  return [
    { ...edit(scene, range, `Change to ${referenceTo(version.model, version.number)}`, text), isPreferred: true },
  ];
}

/** Returns an action that updates a pin to production's version, if it is behind or cannot be loaded. */
function updateActions(
  scene: Scene,
  reference: ModelReference,
  resolved: Resolved & { kind: 'version' },
): CodeAction[] {
  const { model, version } = resolved;
  if (reference.selector.kind !== 'number') return [];
  const isOut = version.stage === 'archived' || version.state !== 'ready';
  const newest = liveVersions(scene.registry, model.name).find(({ state }) => state === 'ready')?.number;
  const number = productionOf(model) ?? (isOut ? newest : undefined);
  if (number === undefined || number === version.number || (!isOut && number < version.number)) return [];
  const { range, text } = selectorEdit(scene, reference, model.name, { kind: 'number', number });
  return [{ ...edit(scene, range, `Update to v${number}`, text), isPreferred: reference.model === model.name }];
}

/** Returns actions that pin a stage or alias to its version, or replace a pin by a pointer to the same version. */
function pinOrFollow(scene: Scene, reference: ModelReference, resolved: Resolved & { kind: 'version' }): CodeAction[] {
  const { model, version } = resolved;
  const change = (title: string, selector: Selector): CodeAction => {
    const { range, text } = selectorEdit(scene, reference, model.name, selector);
    return edit(scene, range, title, text, CodeActionKind.RefactorRewrite);
  };
  if (reference.selector.kind !== 'number')
    return [change(`Pin to v${version.number}`, { kind: 'number', number: version.number })];
  const known = stagesOf(scene.registry, model);
  return model.pointers
    .filter(({ holder }) => holder === version.number)
    .map(({ kind, name }) =>
      kind === 'alias'
        ? change(`Follow @${name}`, { kind: 'alias', name })
        : change(`Follow ${name}`, { kind: known.has(name) && reference.form === 'uri' ? 'stage' : 'pointer', name }),
    );
}

function edit(
  { document }: Scene,
  range: Range,
  title: string,
  newText: string,
  kind: string = CodeActionKind.QuickFix,
): CodeAction {
  const edits = [{ range, newText }];
  const textDocument = { uri: document.uri, version: document.version };
  return { title, kind, edit: { documentChanges: [{ textDocument, edits }] } };
}
