import { CompletionItemKind, type CompletionItem, type CompletionList, type Range } from 'vscode-languageserver';
import type { Model } from '../../../protocol/model.ts';
import { metricText } from './text.ts';
import { scheme } from '../references/find-uris.ts';
import { liveVersions, type KnownVersion } from '../mirror/reducer.ts';
import { aliasesOf, stagesOf } from '../references/resolve.ts';
import { pointersOf, rangeOf, type Scene } from '../document-model.ts';
import { ageText } from '../../../shared/format.ts';

const maxItems = 200;
const reach = 600;
/** The reference being typed, up to the caret. */
const typedName = /models:\/([^\s/@"'`(){}<>|\\$%*:][^\n\r/@"'`{}<>|\\$%*:]{0,249})?$/u;
const typedSelector = /models:\/([^\n\r/@"'`{}<>|\\$%*:]{1,250})([/@])([\p{L}\p{N}_.-]{0,100})$/u;
const typedPlain = /(?<![\p{L}\p{N}._/@:+-])([\p{L}\p{N}_][\p{L}\p{N}._-]{0,249})@(@?[\p{L}\p{N}_.-]{0,100})$/u;
const restOfWord = /^[\p{L}\p{N}_.-]{0,100}/u;

/** Completes the reference at an offset; null where none is being typed. Pure. */
export function completion(scene: Scene, offset: number): CompletionList | null {
  const { document, registry } = scene;
  const before = document.getText(rangeOf(scene, { start: Math.max(0, offset - reach), end: offset }));
  const after = document.getText(rangeOf(scene, { start: offset, end: offset + 100 }));
  const rest = restOfWord.exec(after)?.[0].length ?? 0;
  const range = (typed: string): Range => rangeOf(scene, { start: offset - typed.length, end: offset + rest });
  const selector = typedSelector.exec(before);
  if (selector) {
    const [, name = '', separator = '', typed = ''] = selector;
    const model = registry.models.get(name);
    return model
      ? list(separator === '@' ? aliasItems(scene, model) : versionItems(scene, model), typed, range(typed))
      : null;
  }
  const name = typedName.exec(before);
  if (name) return list(modelItems(scene), name[1] ?? '', range(name[1] ?? ''));
  const plain = before.endsWith(scheme) ? null : typedPlain.exec(before);
  const model = plain && registry.models.get(plain[1] ?? '');
  if (!plain || !model) return null;
  const items = [...aliasItems(scene, model, '@'), ...versionItems(scene, model)];
  return list(items, plain[2] ?? '', range(plain[2] ?? ''));
}

interface Offer {
  text: string;
  kind: CompletionItemKind;
  detail: string;
}

/** Returns the models, those that workspaces name most first, then the most recently changed. */
function modelItems(scene: Scene): Offer[] {
  const models = [...scene.registry.models.values()].map((model) => ({ model, uses: scene.uses(model.name) }));
  return models
    .toSorted((a, b) => b.uses - a.uses || b.model.updatedAt - a.model.updatedAt)
    .map(({ model }) => ({ text: model.name, kind: CompletionItemKind.Module, detail: modelDetail(model, scene.now) }));
}

function modelDetail(model: Model, now: number): string {
  const version = model.current ? `v${model.current.number}` : '';
  return joined([version, metricText(model.current?.metrics ?? {}, model), ageText(model.updatedAt, now)]);
}

function aliasItems(scene: Scene, model: Model, sigil = ''): Offer[] {
  return aliasesOf(model).map(({ name, holder }) => {
    const version = scene.registry.versions.get(model.name)?.known.get(holder ?? -1);
    const detail = joined([`→ v${holder}`, ...(version ? facts(version, model, scene.now) : [])]);
    return { text: sigil + name, kind: CompletionItemKind.Reference, detail };
  });
}

/** Returns the stages with a current version, `latest`, then the versions, newest first. */
function versionItems(scene: Scene, model: Model): Offer[] {
  const versions = liveVersions(scene.registry, model.name);
  const currentVersions = new Map(
    model.pointers.filter(({ kind }) => kind === 'stage').map(({ name, holder }) => [name, holder]),
  );
  const stages = [...stagesOf(scene.registry, model)]
    .filter((stage) => currentVersions.get(stage))
    .map((stage) => {
      const version = scene.registry.versions.get(model.name)?.known.get(currentVersions.get(stage) ?? -1);
      const detail = joined([`→ v${currentVersions.get(stage)}`, ...(version ? facts(version, model, scene.now) : [])]);
      return { text: stage, kind: CompletionItemKind.EnumMember, detail };
    });
  const latest = versions[0]
    ? [
        {
          text: 'latest',
          kind: CompletionItemKind.EnumMember,
          detail: joined([`→ v${versions[0].number}`, ...facts(versions[0], model, scene.now)]),
        },
      ]
    : [];
  const numbers = versions.map((version) => ({
    text: String(version.number),
    kind: CompletionItemKind.Constant,
    detail: joined([placeOf(model, version), ...facts(version, model, scene.now)]),
  }));
  return [...stages, ...latest, ...numbers];
}

/** Returns the stage and aliases of a version; empty for `development`, where most versions are. */
function placeOf(model: Model, version: KnownVersion): string {
  const held = pointersOf(model, version).join(', ');
  return held === '' && version.stage !== 'development' ? version.stage : held;
}

function facts({ metrics, createdAt }: KnownVersion, model: Model, now: number): string[] {
  return [metricText(metrics, model), ageText(createdAt, now)];
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' · ');
}

function list(offers: readonly Offer[], typed: string, range: Range): CompletionList {
  const low = typed.toLowerCase();
  const fitting = offers.filter(({ text }) => text.toLowerCase().includes(low));
  const items = fitting.slice(0, maxItems).map((offer, index): CompletionItem => ({
    label: offer.text,
    kind: offer.kind,
    labelDetails: { description: offer.detail },
    filterText: offer.text,
    sortText: String(index).padStart(4, '0'),
    textEdit: { range, newText: offer.text },
  }));
  return { isIncomplete: fitting.length > maxItems, items };
}
