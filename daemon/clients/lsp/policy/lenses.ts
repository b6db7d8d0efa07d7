import type { CodeLens } from 'vscode-languageserver';
import type { GateHistory } from '../../../protocol/policy.ts';
import { pointerRefOf } from '../../../shared/references.ts';
import { liveVersions } from '../mirror/reducer.ts';
import type { Scene } from '../document-model.ts';
import { fileOf } from '../document-models.ts';
import { within } from './metrics.ts';
import { modelsAround } from './models.ts';
import { linesOf, positionOf, type Line, type YamlPosition } from './position.ts';

type LensScene = Pick<Scene, 'document' | 'registry' | 'gates'>;

/** A rule for more models than this gets no lens. */
const maxModels = 20;

/**
 * Returns lenses with the number of versions that would pass: all gates of a stage or alias, and each gate. The service evaluates
 * the saved file; gates on metrics are evaluated here while the user types. Pure.
 */
export function policyLenses(known: LensScene): CodeLens[] {
  const lines = linesOf(known.document.getText());
  return lines.flatMap((own): CodeLens[] => {
    const position = positionOf(lines, own);
    const counted = own.key === 'gate' ? ofGate(known, position, lines) : ofPointer(known, position, lines);
    if (!counted || counted.all === 0) return [];
    const title = `would pass: ${counted.passing} of ${counted.all} versions`;
    const start = { line: own.line, character: 0 };
    return [{ range: { start, end: { line: own.line + 1, character: 0 } }, command: { title, command: '' } }];
  });
}

interface Counted {
  passing: number;
  all: number;
}

function ofPointer(known: LensScene, position: YamlPosition, lines: readonly Line[]): Counted | undefined {
  const { path, own } = position;
  if (path[0] !== 'models' || path.at(-1) !== 'gates') return undefined;
  return counted(dryRuns(known, position, lines, own.key), (failed) => failed.length === 0);
}

function ofGate(known: LensScene, position: YamlPosition, lines: readonly Line[]): Counted | undefined {
  const { path, own, siblings } = position;
  if (own.value === 'metric') return ofMetric(known, position, lines);
  const pointer = path.at(-2);
  if (path.at(-3) !== 'gates' || typeof pointer !== 'string' || pointer.endsWith('*')) return undefined;
  const about = ['file', 'metric', 'run'].map((key) => siblings.get(key)?.value).find((value) => value !== undefined);
  const name = about === undefined ? own.value : `${own.value} ${about.slice(0, maxAboutLength)}`;
  return counted(dryRuns(known, position, lines, pointer), (failed) => !failed.includes(name));
}

/** The service cuts the names of gates to this length. */
const maxAboutLength = 60;

function ofMetric({ registry }: LensScene, position: YamlPosition, lines: readonly Line[]): Counted | undefined {
  const metric = position.siblings.get('metric')?.value;
  const bound = (key: string): number | undefined => {
    const value = position.siblings.get(key)?.value;
    return value === undefined || value === '' || Number.isNaN(Number(value)) ? undefined : Number(value);
  };
  if (!metric) return undefined;
  const versions = modelsAround(registry, position, lines).flatMap(({ name }) => liveVersions(registry, name));
  const passing = versions.filter((one) => within(one, metric, bound('at_least'), bound('at_most')));
  return { passing: passing.length, all: versions.length };
}

/** Returns the dry runs for a pointer; undefined while one is unknown. Models with another policy file are left out. */
function dryRuns(
  { document, registry, gates }: LensScene,
  position: YamlPosition,
  lines: readonly Line[],
  pointer: string,
): GateHistory[] | undefined {
  const models = modelsAround(registry, position, lines);
  if (pointer.endsWith('*') || models.length > maxModels) return undefined;
  const all = models.map(({ name }) => gates.dryRun(name, pointerRefOf(pointer)));
  const known = all.filter((one) => one !== undefined);
  if (known.length < all.length) return undefined;
  const file = fileOf(document.uri);
  return known.filter(({ policy }) => policy?.path === file);
}

function counted(histories: GateHistory[] | undefined, passes: (failed: string[]) => boolean): Counted | undefined {
  const versions = histories?.flatMap((one) => one.versions);
  return versions && { passing: versions.filter(({ failed }) => passes(failed)).length, all: versions.length };
}
