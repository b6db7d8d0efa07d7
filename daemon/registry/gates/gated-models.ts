import { setImmediate } from 'node:timers/promises';
import type { Context } from '../../context.ts';
import { modelByName, modelsBefore, pointersOf, type ModelRow } from '../../db/models.ts';
import { newestPromotable } from '../../db/versions.ts';
import { readPlinthFile } from '../../policy/parse.ts';
import { placedGatesFor, placesOf, policyOf, ruleIndex, type Policy } from '../../policy/policy.ts';
import type { PolicyText } from '../../policy/find.ts';
import { readYaml, type YamlText } from '../../policy/yaml-text.ts';
import type { GatedModel, GatedPointer } from '../../protocol/policy.ts';
import { pointerText } from '../../shared/event-text.ts';
import { gateName } from './evaluate.ts';

const pageSize = 20;
const top = { line: 1, column: 1 };

/**
 * Lists the models whose policies have gates, the one that changed last first; with a name at most that one. Evaluates no gate, but reads
 * policies for some tenths of a millisecond a model: who follows events asks for one model at a time.
 */
export async function gatedModels(ctx: Context, name?: string): Promise<GatedModel[]> {
  const found: GatedModel[] = [];
  /** Positions by text, since one file often names many models. */
  const read: PositionsByText = new Map();
  const own = name === undefined ? undefined : modelByName(ctx.db, name);
  if (name !== undefined) return own ? [gatedModel(ctx, own, read) ?? []].flat() : [];
  for (let before = Number.MAX_SAFE_INTEGER; ; await setImmediate()) {
    const rows = modelsBefore(ctx.db, before, pageSize);
    found.push(...rows.flatMap((row) => gatedModel(ctx, row, read) ?? []));
    before = rows.at(-1)?.updatedSeq ?? 0;
    if (rows.length < pageSize) return found;
  }
}

type PositionsByText = Map<string, YamlText | undefined>;

function gatedModel(ctx: Context, row: ModelRow, read: PositionsByText): GatedModel | undefined {
  const policy = policyOf(ctx, row);
  const { source, problem } = policy;
  if (!source) return undefined;
  const { path, digest } = source;
  const about = { model: row.name, next: newestPromotable(ctx.db, row.id), policy: { path, digest }, problem };
  if (problem !== null) return { ...about, place: problemPlace(source), pointers: [] };
  if (!read.has(source.text)) read.set(source.text, textOf(source));
  const text = read.get(source.text);
  const rule = ['models', ruleIndex(readPlinthFile(source.text).file, row.name)];
  const pointers = gatedPointers(ctx, row, policy, { text, rule });
  return pointers.length === 0 ? undefined : { ...about, place: text?.placeOf(rule) ?? top, pointers };
}

function textOf({ text }: PolicyText): YamlText | undefined {
  const read = readYaml(text);
  return 'reason' in read ? undefined : read;
}

function problemPlace({ text }: PolicyText): GatedModel['place'] {
  const [first] = readPlinthFile(text).problems;
  return first ? { line: first.line, column: first.column } : top;
}

function gatedPointers(
  ctx: Context,
  row: ModelRow,
  policy: Policy,
  { text, rule }: { text: YamlText | undefined; rule: readonly PropertyKey[] },
): GatedPointer[] {
  const held = pointersOf(ctx.db, row.id);
  return placesOf(policy, held).flatMap(({ kind, name }): GatedPointer[] => {
    const placed = placedGatesFor(policy, pointerText({ kind, name }));
    const [first] = placed;
    if (!first) return [];
    const gates = placed.map(({ gate, path }) => ({
      gate: gateName(gate),
      place: text?.placeOf([...rule, ...path]) ?? top,
    }));
    const own = placed.find(({ path }) => path.length > 1) ?? first;
    const place = text?.keyPlaceOf([...rule, ...own.path.slice(0, 2)]) ?? top;
    const holder = held.find((one) => one.kind === kind && one.name === name)?.holder ?? null;
    return [{ kind, name, holder, place, gates }];
  });
}
