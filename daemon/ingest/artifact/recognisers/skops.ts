import { isObject, type Json } from '../../../protocol/json.ts';
import type { ModelFacts } from '../../../protocol/artifact.ts';
import { parseJson } from '../../../formats/text/json.ts';
import { FormatError } from '../../../formats/source.ts';
import type { Source } from '../../../formats/source.ts';
import { readEntry, readZip } from '../../../formats/containers/zip.ts';
import { isTransformer } from '../companions.ts';
import type { Recogniser } from '../recogniser.ts';
import { modelFacts } from './facts.ts';
import { field } from '../../../formats/text/json-access.ts';
import { inspectFile, singleFiles } from './single-file.ts';

const endings = [{ ending: '.skops', loadRank: 13 }];
const maxSchema = 16 * 1024 * 1024;

/** Files of skops.io.dump: a zip of arrays and a schema.json that describes the object, without pickle. Source: skops/io. */
export const skops: Recogniser = {
  name: 'skops',
  endings,
  findGroups: (folder) => singleFiles(folder, endings),
  inspect(group, open) {
    return inspectFile(group.primary, open, (source) => {
      const schema = readSchema(source);
      const module = field(schema, '__module__');
      const companion = typeof module === 'string' && isTransformer(module);
      return { state: 'whole', facts: factsOf(schema), ...(companion && { companion }) };
    });
  },
};

function readSchema(source: Source): Json {
  const entry = readZip(source).find(({ name }) => name === 'schema.json');
  if (entry === undefined) throw new FormatError('malformed', 'This zip archive was not written by skops.');
  return parseJson(new TextDecoder().decode(readEntry(source, entry, maxSchema)));
}

function factsOf(schema: Json): ModelFacts {
  const module = field(schema, '__module__');
  const name = field(schema, '__class__');
  const attributes = field(field(schema, 'content'), 'content');
  const sklearn = plain(field(attributes, '_sklearn_version'));
  return modelFacts({
    framework: typeof module === 'string' && module.startsWith('sklearn') ? 'scikit-learn' : 'python',
    frameworkVersion: typeof sklearn === 'string' ? sklearn.slice(0, 50) : null,
    format: 'skops',
    modelClass: typeof name === 'string' ? name.slice(0, 200) : null,
    params: paramsIn(attributes),
    metadata: { skopsVersion: field(schema, '_skops_version') ?? null },
  });
}

/** Returns the constructor parameters: attributes without an underscore at either end that have a plain value. */
function paramsIn(attributes: Json | undefined): Record<string, Json> {
  const entries = Object.entries(isObject(attributes) ? attributes : {}).filter(([key]) => !/^_|_$/.test(key));
  const params = entries.map(([key, node]): [string, Json | undefined] => [key, plain(node)]);
  return Object.fromEntries(params.filter((pair): pair is [string, Json] => pair[1] !== undefined));
}

/** Returns the value of a node that holds JSON text; undefined for other nodes. */
function plain(node: Json | undefined): Json | undefined {
  const content = field(node, 'content');
  if (field(node, '__loader__') !== 'JsonNode' || typeof content !== 'string' || content.length > 4096)
    return undefined;
  try {
    return parseJson(content);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}
