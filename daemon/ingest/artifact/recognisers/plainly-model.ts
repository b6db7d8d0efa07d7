import type { ModelFacts } from '../../../protocol/artifact.ts';
import type { Inspection } from '../recogniser.ts';

/** How scripts call the classes of their models. */
const modelClass =
  /(model|classifier|regressor|regression|net|network|estimator|pipeline|learner|forest|booster|boosting|policy|agent|predictor|recommender|ensemble|perceptron|transformer|encoder|autoencoder|svm|knn|mlp|cnn|rnn|lstm|gan|vae|2vec)\d*$/i;

/**
 * A pickle whose name says nothing counts only where its object is an estimator, a network, a booster or a mapping of arrays; of any
 * other class it is told which.
 */
export function strictly(found: Inspection): Inspection {
  if (!('facts' in found) || isPlainlyModel(found.facts)) return found;
  const { modelClass: name } = found.facts;
  const what = name === null ? 'a pickle' : `an object of the class ${name}`;
  const reason = `It is ${what}, which is no estimator, network, booster or state dict; register it with: plinth register`;
  return { state: 'foreign', reason };
}

function isPlainlyModel({ framework, modelClass: name, tensorsTotal, pickle }: ModelFacts): boolean {
  if ((framework !== 'python' && framework !== 'unknown') || tensorsTotal > 0) return true;
  if (name !== null) return modelClass.test(name);
  return pickle?.imports.some((imported) => /^(numpy|jax|torch)/.test(imported)) === true;
}
