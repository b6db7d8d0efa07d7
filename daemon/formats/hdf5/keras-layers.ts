import type { Json } from '../../protocol/json.ts';

const maxDepth = 16;

/** Layers without weights, by class name or the end of it. */
const noWeights =
  /^(InputLayer|Dropout|Flatten|Activation|Reshape|Permute|RepeatVector|Masking|Rescaling|Resizing|Softmax|ReLU|LeakyReLU|ELU|GaussianNoise|Add|Subtract|Multiply|Average|Maximum|Minimum|Concatenate|Dot|Lambda|(Spatial|Gaussian|Alpha)Dropout\w*|(Max|Average|GlobalMax|GlobalAverage)Pool(ing)?\dD|(ZeroPadding|Cropping|UpSampling)\dD|Random\w+)$/;

type Config = Record<string, Json>;

/**
 * Returns the number of weights of a Keras model from its config alone; null when a layer's class or shape does not determine it.
 * Non-trainable weights (batch normalisation) count, as in `count_params()`.
 */
export function countParameters(model: Json, depth = 0): number | null {
  const { class_name: name, config, build_config: built } = object(model);
  const layers = object(config)['layers'];
  if (depth > maxDepth || typeof name !== 'string') return null;
  if (!Array.isArray(layers)) return layerParameters(name, object(config), lastSize(object(built)['input_shape']));
  let total = 0;
  for (const layer of layers) {
    const count = countParameters(layer, depth + 1);
    if (count === null) return null;
    total += count;
  }
  return Number.isSafeInteger(total) ? total : null;
}

function layerParameters(name: string, config: Config, inputs: number | undefined): number | null {
  if (noWeights.test(name)) return 0;
  if (name === 'Embedding') return product(config['input_dim'], config['output_dim']);
  if (inputs === undefined) return null;
  if (name === 'Dense') return withBias(config, product(inputs, config['units']), config['units']);
  if (/^Conv[123]D$/.test(name)) {
    const kernel = config['kernel_size'];
    const groups = config['groups'] ?? 1;
    if (!Array.isArray(kernel) || typeof groups !== 'number' || config['data_format'] === 'channels_first') return null;
    return withBias(config, product(...kernel, inputs / groups, config['filters']), config['filters']);
  }
  if (name === 'BatchNormalization') return inputs * (2 + flag(config['scale']) + flag(config['center']));
  if (name === 'LayerNormalization') return inputs * (flag(config['scale']) + flag(config['center']));
  return null;
}

function withBias(config: Config, weights: number | null, units: Json | undefined): number | null {
  if (weights === null || typeof units !== 'number') return null;
  return config['use_bias'] === false ? weights : weights + units;
}

function flag(value: Json | undefined): number {
  return value === false ? 0 : 1;
}

function product(...factors: (Json | undefined)[]): number | null {
  return factors.reduce<number | null>(
    (total, factor) => (total === null || typeof factor !== 'number' ? null : total * factor),
    1,
  );
}

function lastSize(shape: Json | undefined): number | undefined {
  const last = Array.isArray(shape) ? shape.at(-1) : undefined;
  return typeof last === 'number' ? last : undefined;
}

/** Returns the value if it is an object, otherwise an empty object. */
export function object(value: Json | undefined): Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}
