import type { Model } from '../../../protocol/model.ts';
import type { Registry } from '../mirror/reducer.ts';
import type { Line, YamlPosition } from './position.ts';

/** Returns the models of the rule around a position; all models outside a rule. The first rule that matches a model applies to it. */
export function modelsAround(
  registry: Registry,
  { path, own }: Pick<YamlPosition, 'path' | 'own'>,
  lines: readonly Line[],
): Model[] {
  const all = [...registry.models.values()];
  const matches = path[0] === 'models' ? lines.filter(({ line, key }) => line <= own.line && key === 'match') : [];
  const [match, ...earlier] = matches.toReversed().map(({ value }) => expressionOf(value));
  if (!match) return all;
  return all.filter(({ name }) => match.test(name) && !earlier.some((one) => one.test(name)));
}

/** Converts a pattern to an expression; `*` matches any characters except a slash. */
function expressionOf(match: string): RegExp {
  const pattern = match.split('*').map((part) => part.replaceAll(/[$()+.?[\\\]^{|}]/g, '\\$&'));
  return new RegExp(`^${pattern.join('[^/]*')}$`);
}
