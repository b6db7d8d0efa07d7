import {
  CodeActionKind,
  CompletionItemKind,
  DiagnosticSeverity,
  type CodeAction,
  type CompletionItem,
  type CompletionList,
  type Diagnostic,
  type Hover,
  type Position,
  type Range,
} from 'vscode-languageserver';
import { gateKinds } from '../../../policy/gate-schema.ts';
import { keysAt } from '../../../policy/keys.ts';
import { readPlinthFile } from '../../../policy/parse.ts';
import { stages, type Pointer } from '../../../protocol/model.ts';
import { diagnosticSource } from '../features/diagnostics.ts';
import type { Registry } from '../mirror/reducer.ts';
import type { Scene } from '../document-model.ts';
import { metricsOf } from './metrics.ts';
import { modelsAround } from './models.ts';
import { lineOf, linesOf, positionOf, type Line, type Path, type YamlPosition } from './position.ts';
import { gateWords, keyWords } from './words.ts';
import { numberText } from '../../../shared/format.ts';
import { directionOf, leadingMetrics, orderMetrics } from '../../../shared/metrics.ts';
import { pointerText } from '../../../shared/event-text.ts';

/** Completion, hovers and diagnostics for plinth.yaml. Pure; a broken file is read line by line. */

type PolicyScene = Pick<Scene, 'document' | 'registry'>;

export function isPolicy(uri: string): boolean {
  return /\/plinth\.ya?ml$/.test(uri);
}

interface Offer {
  text: string;
  detail: string;
}

/** Completes keys, or the values that this registry and the format have. Null for none. */
export function policyCompletion({ document, registry }: PolicyScene, offset: number): CompletionList | null {
  const caret = document.positionAt(offset);
  const source = document.getText(lineRange(caret.line)).replace(/\r?\n$/, '');
  const before = source.slice(0, caret.character);
  const lines = linesOf(document.getText());
  const typed = lineOf(before, caret.line) ?? blank(caret.line, before.length);
  const position = positionOf(
    lines.filter(({ line }) => line !== caret.line),
    typed,
  );
  const isValue = typed.colon >= 0;
  const offers = isValue ? values(registry, position, lines) : keysFor(registry, position, lines);
  const start = isValue ? Math.max(typed.colon, before.lastIndexOf(' ') + 1) : typed.column;
  const rest = /^[\w@.*-]*/.exec(source.slice(caret.character))?.[0].length ?? 0;
  const range = {
    start: { line: caret.line, character: start },
    end: { ...caret, character: caret.character + rest },
  };
  const hasColon = /^\s*:/.test(source.slice(caret.character + rest));
  const lead = isValue && !/\s$/.test(before.slice(0, start)) ? ' ' : '';
  const tail = isValue || hasColon || isScalarList(position.path) ? '' : ': ';
  const items = offers.map(({ text, detail }, index): CompletionItem => ({
    label: text,
    kind: isValue ? CompletionItemKind.Value : CompletionItemKind.Property,
    labelDetails: { description: detail },
    sortText: String(index).padStart(4, '0'),
    filterText: text,
    textEdit: { range, newText: lead + quoted(text) + tail },
  }));
  return items.length === 0 ? null : { isIncomplete: false, items };
}

function blank(line: number, column: number): Line {
  return { line, dashes: [], column, key: '', colon: -1, value: '' };
}

/** Quotes a text that is no plain scalar in YAML, because it begins with `@` or `*`. */
function quoted(text: string): string {
  return /^[@*]/.test(text) ? `"${text}"` : text;
}

function isScalarList(path: Path): boolean {
  const named = path.filter((part) => typeof part === 'string');
  return ['stages', 'card', 'tags', 'fields', 'keys', 'files', 'include', 'ignore', 'needs', 'allow'].includes(
    named.at(-1) ?? '',
  );
}

function keysFor(registry: Registry, position: YamlPosition, lines: readonly Line[]): Offer[] {
  const { path, siblings } = position;
  const named = path.filter((part) => typeof part === 'string');
  const metricNames = (): Offer[] =>
    metricsOf(registry, modelsAround(registry, position, lines)).map(({ name, latest }) => ({
      text: name,
      detail: `now ${numberText(latest)}`,
    }));
  const free = (offers: Offer[]): Offer[] => offers.filter(({ text }) => !siblings.has(text));
  const last = named.at(-1);
  if (last === 'metrics') return free(metricNames());
  if (last === 'stages') return stages.map((text) => ({ text, detail: '' }));
  if (last === 'gates') return free(pointersOf(registry, position, lines));
  if (isScalarList(path)) return [];
  const known = keysAt(path, wholeOf(path, siblings.get('gate')?.value));
  return free(known.map((text) => ({ text, detail: keyWords(path, text) ?? '' })));
}

function pointersOf(registry: Registry, position: YamlPosition, lines: readonly Line[]): Offer[] {
  const pointers = modelsAround(registry, position, lines).flatMap((model) => model.pointers);
  const offer = ({ kind, name, holder }: Pointer): Offer => ({
    text: pointerText({ kind, name }),
    detail: holder === null ? '' : `→ v${holder}`,
  });
  const plain = (text: string): Offer => ({ text, detail: '' });
  const offers = [
    ...pointers.filter(({ kind }) => kind === 'stage').map(offer),
    ...['production', 'staging'].map(plain),
    ...pointers.filter(({ kind }) => kind === 'alias').map(offer),
    ...['*', '@*'].map(plain),
  ];
  return offers.filter(({ text }, index) => offers.findIndex((one) => one.text === text) === index);
}

function values(registry: Registry, position: YamlPosition, lines: readonly Line[]): Offer[] {
  const { own, path } = position;
  const plain = (texts: readonly string[]): Offer[] => texts.map((text) => ({ text, detail: '' }));
  const named = path.filter((part) => typeof part === 'string');
  if (named.at(-1) === 'metrics' || own.key === 'direction') return plain(['higher', 'lower']);
  switch (own.key) {
    case 'register':
      return plain(['final', 'best', 'every', 'manual']);
    case 'bytes':
      return plain(['owned', 'external']);
    case 'metric':
      return metricsOf(registry, modelsAround(registry, position, lines)).map(({ name, latest }) => ({
        text: name,
        detail: `now ${numberText(latest)}`,
      }));
    case 'match':
      return [...registry.models.values()].map(({ name, versions }) => ({
        text: name,
        detail: `${versions} versions`,
      }));
    case 'gate':
      return gateKinds.map((text) => ({ text, detail: gateWords(text) ?? '' }));
    case 'exclusive':
    case 'clean':
      return plain(['true', 'false']);
    default:
      return [];
  }
}

/** Returns a file that consists only of the kind of gate at a path. */
function wholeOf(path: Path, gate: string | undefined): unknown {
  return path.reduceRight<unknown>((inner, part) => (typeof part === 'number' ? [inner] : { [part]: inner }), { gate });
}

export function policyHover({ document }: PolicyScene, offset: number): Hover | null {
  const { line, character } = document.positionAt(offset);
  const lines = linesOf(document.getText());
  const own = lines.find((one) => one.line === line);
  if (!own || own.key === '' || character < own.column) return null;
  const { path } = positionOf(lines, own);
  const isValue = own.colon >= 0 && character >= own.colon;
  const words = isValue && own.key === 'gate' ? gateWords(own.value) : isValue ? undefined : keyWords(path, own.key);
  return words === undefined ? null : { contents: { kind: 'markdown', value: words } };
}

/** Returns the file's errors, and a warning for metrics that no version has. */
export function policyDiagnostics({ document, registry }: PolicyScene): Diagnostic[] {
  const text = document.getText();
  const mistakes = readPlinthFile(text).problems.map(({ line, column, message }) => ({
    range: wordRange(document, { line: line - 1, character: column - 1 }),
    severity: DiagnosticSeverity.Error,
    source: diagnosticSource,
    message,
  }));
  const lines = linesOf(text);
  const unknown = lines
    .filter(({ key, value }) => key === 'metric' && value !== '')
    .flatMap((own): Diagnostic[] => {
      const models = modelsAround(registry, positionOf(lines, own), lines);
      const known = metricsOf(registry, models);
      if (known.length === 0 || known.some(({ name }) => name === own.value)) return [];
      const range = wordRange(document, { line: own.line, character: own.colon + 1 });
      const message = `No version of these models has a metric ${own.value}.`;
      return [{ range, severity: DiagnosticSeverity.Information, source: diagnosticSource, message }];
    });
  return [...mistakes, ...unknown];
}

const maxProposed = 3;

/** Returns actions on a pointer's line below `gates`: a gate for each main metric of its current version. */
export function policyActions({ document, registry }: PolicyScene, at: Position): CodeAction[] {
  const lines = linesOf(document.getText());
  const own = lines.find(({ line }) => line === at.line);
  const position = own && positionOf(lines, own);
  if (!own || position?.path.at(-1) !== 'gates') return [];
  const [model] = modelsAround(registry, position, lines);
  const pointer = model?.pointers.find((pointer) => pointerText(pointer) === own.key);
  const holder = model && registry.versions.get(model.name)?.known.get(pointer?.holder ?? -1);
  if (!holder) return [];
  const indent = ' '.repeat(own.column + 2);
  const end = { line: own.line + 1, character: 0 };
  const ordered = orderMetrics(holder.metrics, leadingMetrics(model)).map(([name]) => name);
  const proposed = ordered.filter((name) => typeof holder.metrics[name] === 'number' && directionOf(name) !== null);
  return proposed.slice(0, maxProposed).map((metric) => {
    const bound = directionOf(metric) === 'higher' ? 'at_least' : 'at_most';
    const value = holder.metrics[metric];
    const newText = `${indent}- gate: metric\n${indent}  metric: ${metric}\n${indent}  ${bound}: ${value}\n`;
    const textDocument = { uri: document.uri, version: document.version };
    return {
      title: `Add a gate: ${metric} ${bound.replace('_', ' ')} ${numberText(value ?? '')}, as ${own.key} v${holder.number} has it`,
      kind: CodeActionKind.RefactorRewrite,
      edit: { documentChanges: [{ textDocument, edits: [{ range: { start: end, end }, newText }] }] },
    };
  });
}

function lineRange(line: number): Range {
  return { start: { line, character: 0 }, end: { line: line + 1, character: 0 } };
}

function wordRange(document: PolicyScene['document'], start: Position): Range {
  const text = document.getText({ start, end: { line: start.line + 1, character: 0 } });
  const length = /^[^\s:#,\]}]+/.exec(text)?.[0].length ?? 1;
  return { start, end: { line: start.line, character: start.character + length } };
}
