import type { Gate } from './gate-schema.ts';
import type { ModelRule } from './model-schema.ts';
import { placeholder, type PlinthFile, type WatchRule } from './schema.ts';

/** An error that the schema cannot express: rules that contradict each other. */
export interface Contradiction {
  path: PropertyKey[];
  message: string;
}

export function contradictionsIn(file: PlinthFile): Contradiction[] {
  return [...file.watch.flatMap(inWatch), ...file.models.flatMap(inModel)];
}

function inWatch(one: WatchRule, index: number): Contradiction[] {
  const where = `watch[${index}]`;
  const found: Contradiction[] = [];
  const report = (key: string, message: string): void =>
    void found.push({ path: ['watch', index, key], message: `${where}${message}` });
  for (const { key, message } of placeholderMistakes(one)) report(key, message);
  if (one.path.startsWith('/') || /(^|\/)\.\.(\/|$)/.test(one.path))
    report('path', '.path must stay below the folder of plinth.yaml');
  if (one.register === 'best' && one.metric === null)
    report('register', ' registers the best, but names no metric to tell it by; add metric');
  return found;
}

/** A placeholder in braces, closed or not. */
const braced = /\{[^}]*\}?/g;

/** Returns the placeholders that only one of `path` and `model` has. */
function placeholderMistakes({ path, model }: WatchRule): { key: 'path' | 'model'; message: string }[] {
  const inPath: string[] = path.match(braced) ?? [];
  const inModel: string[] = model?.match(braced) ?? [];
  const twice = inPath.find((name, at) => inPath.indexOf(name) !== at);
  const unknown = inPath.find(
    (name) => name !== '{model}' && name !== '{run}' && !(inModel.includes(name) && placeholder.test(name)),
  );
  const missing = inModel.find((name) => !inPath.includes(name));
  const forbidden = model?.match(/[/\\@:\p{Cc}]/u)?.[0];
  const unused = model !== null && inPath.includes('{model}') && !inModel.includes('{model}');
  return [
    ...(twice === undefined ? [] : [{ key: 'path' as const, message: `.path contains ${twice} twice` }]),
    ...(unknown === undefined
      ? []
      : [{ key: 'path' as const, message: `.path may contain {model} and {run}, but not ${unknown}` }]),
    ...(missing === undefined
      ? []
      : [{ key: 'model' as const, message: `.model contains ${missing}, but the path does not; add it to the path` }]),
    ...(forbidden === undefined
      ? []
      : [
          {
            key: 'model' as const,
            message: `.model contains ${JSON.stringify(forbidden)}, which the name of a model cannot contain`,
          },
        ]),
    ...(unused
      ? [{ key: 'model' as const, message: '.model and {model} of the path both name the model; keep one of them' }]
      : []),
  ];
}

const always = ['development', 'staging', 'production', 'archived'];

function inModel(rule: ModelRule, index: number): Contradiction[] {
  const where = `models[${index}]`;
  const names = rule.stages?.map((stage) => (typeof stage === 'string' ? stage : stage.name)) ?? always;
  const twice = names.findIndex((name, at) => names.indexOf(name) !== at);
  const stages =
    twice < 0
      ? []
      : [{ path: ['models', index, 'stages', twice], message: `${where} has the stage ${names[twice]} twice` }];
  const known = [...new Set(['development', ...names, 'archived'])].join(', ');
  const unknown = (part: 'gates' | 'deployment', pointer: string): Contradiction[] => {
    if (pointer.startsWith('@') || names.includes(pointer) || (part === 'gates' && pointer === '*')) return [];
    const message = `${where} has no stage ${pointer}. Its stages are ${known}; write an alias as @${pointer}`;
    return [{ path: ['models', index, part, pointer], message }];
  };
  const gates = Object.entries(rule.gates).flatMap(([pointer, list]) => [
    ...unknown('gates', pointer),
    ...list.flatMap((gate, at) => inGate(gate, ['models', index, 'gates', pointer, at])),
  ]);
  const open = (rule.stages ?? []).flatMap((stage) =>
    typeof stage !== 'string' && !stage.exclusive ? stage.name : [],
  );
  const deployments = Object.keys(rule.deployment).flatMap((pointer) => {
    if (!['development', 'archived', ...open].includes(pointer)) return unknown('deployment', pointer);
    const message = `${where}.deployment: ${pointer} has no current version, so nothing would be deployed`;
    return [{ path: ['models', index, 'deployment', pointer], message }];
  });
  return [...stages, ...gates, ...deployments, ...inRetention(rule, index)];
}

function inRetention({ retention }: ModelRule, index: number): Contradiction[] {
  if (!retention || retention.keep !== undefined || retention.days !== undefined) return [];
  const message = `models[${index}].retention needs keep or days; without them it would propose every version`;
  return [{ path: ['models', index, 'retention'], message }];
}

function inGate(gate: Gate, path: PropertyKey[]): Contradiction[] {
  const message = contradiction(gate);
  return message === undefined ? [] : [{ path, message: `the gate ${gate.gate} ${message}` }];
}

function contradiction(gate: Gate): string | undefined {
  if (gate.gate === 'metric') {
    if (gate.at_least === undefined && gate.at_most === undefined) return 'needs at_least or at_most';
    if ((gate.at_least ?? -Infinity) > (gate.at_most ?? Infinity)) return 'has at_least above at_most';
  }
  if (gate.gate === 'no_regression' && gate.tolerance !== undefined && gate.noise_of !== undefined)
    return 'takes either tolerance or noise_of';
  if (gate.gate === 'slices' && gate.worst === undefined && gate.gap === undefined) return 'needs worst or gap';
  if (gate.gate === 'budget' && (gate.metric === undefined) === (gate.size === undefined))
    return 'needs either metric or size: true';
  return undefined;
}
