import type { ModelFacts } from '../../../protocol/artifact.ts';
import { classOf, entry } from '../../../formats/pickle/pickle-value.ts';
import type { PickleValue } from '../../../formats/pickle/pickle-value.ts';
import { entriesToJson } from './pickle-to-json.ts';

type UltralyticsFacts = Pick<ModelFacts, 'framework' | 'frameworkVersion' | 'params'>;

/**
 * Returns the facts of an ultralytics checkpoint, such as `weights/best.pt`: the model or its moving average is a class of the
 * package. Undefined for others. Source: ultralytics, BaseTrainer.save_model.
 */
export function ultralyticsFacts(root: PickleValue | undefined): UltralyticsFacts | undefined {
  const isTheirs = (key: string): boolean => classOf(entry(root, key))?.module.startsWith('ultralytics.') === true;
  if (!isTheirs('model') && !isTheirs('ema')) return undefined;
  const version = entry(root, 'version');
  return {
    framework: 'ultralytics',
    frameworkVersion: typeof version === 'string' ? version.slice(0, 50) : null,
    params: entriesToJson(entry(root, 'train_args')),
  };
}
