import type { ModelFacts } from '../../../protocol/artifact.ts';
import type { Inspection } from '../recogniser.ts';

/** Class names that scripts commonly give to models. */
const modelClass =
  /(model|classifier|regressor|regression|net|network|estimator|pipeline|learner|forest|booster|boosting|policy|agent|predictor|recommender|ensemble|perceptron|transformer|encoder|autoencoder|svm|knn|mlp|cnn|rnn|lstm|gan|vae|2vec)\d*$/i;

/**
 * Accepts a pickle with a generic name only if its object is an estimator, a network, a booster or a mapping of arrays. The
 * reason for any other names its class.
 */
export function requirePlainModel(found: Inspection): Inspection {
  if (!('facts' in found) || isPlainlyModel(found.facts)) return found;
  const { modelClass: name } = found.facts;
  const what = name === null ? 'a pickle' : `an object of the class ${name}`;
  const reason = `It is ${what}, which is not an estimator, network, booster or state dict; register it with: plinth register`;
  return { state: 'foreign', reason };
}

function isPlainlyModel({ framework, modelClass: name, tensorsTotal, pickle }: ModelFacts): boolean {
  if ((framework !== 'python' && framework !== 'unknown') || tensorsTotal > 0) return true;
  if (name !== null) return modelClass.test(name);
  return pickle?.imports.some((imported) => /^(numpy|jax|torch)/.test(imported)) === true;
}
