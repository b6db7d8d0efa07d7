import type { Hover } from 'vscode-languageserver';
import type { Model } from '../../../protocol/model.ts';
import { distanceBehind, metricText } from './text.ts';
import { partOf } from './diagnostics.ts';
import { findings, type Finding } from './diagnose.ts';
import { gateReportText } from './gate-text.ts';
import { suffixOf, type ModelReference, type Reference } from '../references/reference.ts';
import { liveVersions, type KnownVersion } from '../mirror/reducer.ts';
import { productionOf } from '../references/resolve.ts';
import {
  commandLink,
  pointersOf,
  label,
  meaning,
  rangeOf,
  referenceAt,
  selectorRange,
  type Scene,
} from '../document-model.ts';
import { ageText, numberText } from '../../../shared/format.ts';
import { directionOf, leadingMetrics, orderMetrics } from '../../../shared/metrics.ts';
import { pointerText } from '../../../shared/event-text.ts';

const maxMetrics = 6;

/** Describes the version that the reference at an offset resolves to; null for none. Pure. */
export function hover(scene: Scene, offset: number): Hover | null {
  const reference = referenceAt(scene, offset);
  if (!reference) return null;
  const found = meaning(scene, reference);
  const said = reference.form === 'path' ? [] : notShown(scene, reference, offset);
  if (!found && said.length === 0) return null;
  const parts = [
    ...(found ? [found.version ? versionCard(scene, found.model, found.version) : modelCard(scene, found.model)] : []),
    ...said.map(({ message }) => `⚠ ${escaped(message)}`),
    ...(found && scene.commands ? [links(scene, reference, found.model, found.version)] : []),
  ];
  return { contents: { kind: 'markdown', value: parts.join('\n\n') }, range: rangeOf(scene, reference) };
}

/** Returns the findings that the editor does not show in the same hover as diagnostics. */
function notShown(scene: Scene, reference: ModelReference, offset: number): Finding[] {
  const isMarked = ({ part }: Finding): boolean => {
    const { start, end } = partOf(reference, part);
    return scene.features.diagnostics && start <= offset && offset <= end;
  };
  return findings(scene.registry, reference, scene.now).filter((one) => one.code !== 'behind' && !isMarked(one));
}

function versionCard(scene: Scene, model: Model, version: KnownVersion): string {
  const held = pointersOf(model, version);
  const late = distanceBehind(scene.registry, model, version);
  const kind = [version.modelClass ?? '', version.framework, version.format].filter((fact) => fact !== '');
  const gates = scene.gates.reports(model.name, version.number) ?? [];
  const title = [
    `**${escaped(label(version))}**`,
    escaped(held.length > 0 ? held.join(', ') : version.stage),
    ...(late ? [`${late.by} behind production`] : []),
  ];
  const paragraphs = [
    title.join(' · '),
    escaped(model.description),
    `${escaped(kind.join(' · '))}  \nregistered ${ageText(version.createdAt, scene.now)} by ${escaped(version.actor)}`,
    metricTable(scene, model, version),
    gates.map((one) => `${one.allowed ? '✓' : '✗'} ${escaped(gateReportText(one))}`).join('  \n'),
  ];
  return paragraphs.filter((one) => one !== '').join('\n\n');
}

function modelCard({ registry, now }: Scene, model: Model): string {
  const pointers = model.pointers.filter(({ holder }) => holder !== null);
  const held = pointers.map((pointer) => `${pointerText(pointer)} → v${pointer.holder}`);
  const newest = liveVersions(registry, model.name)[0];
  const lines = [
    `**${escaped(model.name)}** · ${model.versions} versions`,
    escaped(model.description),
    escaped(held.join(', ')),
    newest
      ? `newest v${newest.number} · ${escaped(metricText(newest.metrics, model))} · ${ageText(newest.createdAt, now)}`
      : '',
  ];
  return lines.filter((line) => line !== '').join('\n\n');
}

/** Returns a table of a version's metrics beside those of the newest and of production's version, if these differ. */
function metricTable({ registry, commands }: Scene, model: Model, version: KnownVersion): string {
  const ordered = orderMetrics(version.metrics, leadingMetrics(model));
  const names = ordered.slice(0, maxMetrics).map(([name]) => name);
  if (names.length === 0) return '';
  const newest = liveVersions(registry, model.name)[0];
  const production = registry.versions.get(model.name)?.known.get(productionOf(model) ?? -1);
  const columns: [string, KnownVersion][] = [[`v${version.number}`, version]];
  if (production && production.number !== version.number)
    columns.push([`production v${production.number}`, production]);
  if (newest && newest.number !== version.number && newest.number !== production?.number)
    columns.push([`newest v${newest.number}`, newest]);
  // VS Code puts table cells close together; editors that show the plain text need no gap.
  const gap = commands ? '&nbsp;&nbsp;' : '';
  const row = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  const values = names.map((name) => [escaped(name), ...valuesOf(name, columns).map((value) => gap + value)]);
  return [
    row(['', ...columns.map(([title]) => `${gap}${title}`)]),
    row(['---', ...columns.map(() => '--:')]),
    ...values.map(row),
  ].join('\n');
}

/** Formats one metric of each column, the best in bold if its direction is known. */
function valuesOf(name: string, columns: readonly [string, KnownVersion][]): string[] {
  const all = columns.map(([, { metrics }]) => metrics[name]);
  const numbers = all.filter((one) => typeof one === 'number');
  const direction = new Set(numbers).size > 1 ? directionOf(name) : null;
  const best = direction === 'higher' ? Math.max(...numbers) : direction === 'lower' ? Math.min(...numbers) : undefined;
  return all.map((value) => {
    const text = value === undefined ? '–' : escaped(numberText(value));
    return value !== undefined && value === best ? `**${text}**` : text;
  });
}

/** Returns the version to compare with: production's, else the newest, else the one before; undefined for none. */
function comparedWith({ registry }: Scene, model: Model, { number }: KnownVersion): number | undefined {
  const before = liveVersions(registry, model.name).find((one) => one.number < number)?.number;
  return (
    [productionOf(model), model.latest, before].find((one) => typeof one === 'number' && one !== number) ?? undefined
  );
}

function links(scene: Scene, reference: Reference, model: Model, version: KnownVersion | null): string {
  const link = (title: string, act: Parameters<typeof commandLink>[0]): string => `[${title}](${commandLink(act)})`;
  const parts = [
    link('Open', { act: 'open', model: model.name, ...(version ? { version: String(version.number) } : {}) }),
  ];
  const other = version ? comparedWith(scene, model, version) : undefined;
  if (version && other !== undefined) {
    const numbers = [version.number, other].toSorted((a, b) => a - b);
    parts.push(link('Compare', { act: 'compare', versions: numbers.map((number) => `${model.name}@${number}`) }));
  }
  if (version && reference.form !== 'path' && reference.selector.kind !== 'number') {
    const text = suffixOf(reference.form, { kind: 'number', number: version.number });
    const { uri, version: revision } = scene.document;
    const range = selectorRange(scene, reference);
    parts.push(link('Pin', { act: 'replace', uri, version: revision, range, text }));
  }
  parts.push(link('History', { act: 'history', model: model.name }));
  return parts.join(' · ');
}

/** Escapes Markdown. Names, metrics and descriptions come from files. */
export function escaped(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_{}[\]()#+!|<>~&]/g, (sign) => `\\${sign}`);
}
