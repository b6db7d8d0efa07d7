import { isMap, isSeq, parseDocument, type Document, type YAMLMap } from 'yaml';
import type { PolicyEdit } from '../protocol/policy.ts';
import { matches } from '../shared/glob.ts';

/** Returns the text of a plinth.yaml with a change for a model, and the line of the change. Comments stay. Pure. */
export function editPolicyText(text: string, model: string, edit: PolicyEdit): { text: string; line: number } {
  const document = parseDocument(text);
  const entry = entryFor(document, model);
  if ('direction' in edit) setDirection(document, entry, edit);
  else addGate(document, entry, edit);
  const next = document.toString({ lineWidth: 0 });
  return { text: next, line: changedLine(text, next) };
}

/** Returns the entry that applies to a model. It is added if there is none. */
function entryFor(document: Document, model: string): YAMLMap {
  if (!isMap(document.contents)) document.contents = document.createNode({}) as never;
  const models = document.get('models');
  const list = isSeq(models) ? models : document.createNode([]);
  if (!isSeq(models)) document.set('models', list);
  const found = list.items.find((one) => {
    const match = isMap(one) ? one.get('match') : undefined;
    return typeof match === 'string' && matches(model, match);
  });
  if (isMap(found)) return found;
  const added = document.createNode({ match: model }) as YAMLMap;
  list.add(added);
  return added;
}

function setDirection(
  document: Document,
  entry: YAMLMap,
  { metric, direction }: PolicyEdit & { direction: string },
): void {
  const metrics = mapIn(document, entry, 'metrics');
  const own = metrics.get(metric);
  if (isMap(own)) own.set('direction', direction);
  else metrics.set(metric, direction);
}

function addGate(document: Document, entry: YAMLMap, { metric, pointer }: PolicyEdit & { pointer: string }): void {
  const gates = mapIn(document, entry, 'gates');
  const own = gates.get(pointer);
  const gate = document.createNode({ gate: 'no_regression', metric }, { flow: true });
  if (isSeq(own)) own.add(gate);
  else gates.set(pointer, document.createNode([gate]));
}

function mapIn(document: Document, parent: YAMLMap, key: string): YAMLMap {
  const found = parent.get(key);
  if (isMap(found)) return found;
  const added = document.createNode({}) as YAMLMap;
  parent.set(key, added);
  return added;
}

/** Returns the first line that differs, counted from 1. */
function changedLine(before: string, after: string): number {
  const lines = before.split('\n');
  const at = after.split('\n').findIndex((line, index) => line !== lines[index]);
  return Math.max(1, at + 1);
}
