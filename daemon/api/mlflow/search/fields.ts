import type { Condition, Operator, Ordering, SearchField } from '../../../db/search.ts';
import { invalid } from '../error-handler.ts';
import { parseFilter, parseKey, type Comparison } from './parse.ts';

/** A searchable attribute: its column, and the operators that it accepts. */
interface Attribute {
  name: string;
  kind: 'text' | 'number';
  operators: readonly Operator[];
}

/** Names that a search accepts. Nothing else gets to the database. */
export interface Grammar {
  attributes: Readonly<Record<string, Attribute>>;
  /** Kinds of keyed values (tags, params, metrics) with their operators. */
  places: Readonly<Partial<Record<Exclude<SearchField, 'attribute'>, readonly Operator[]>>>;
  /** MLflow's names of these kinds, singular and plural. */
  entities: Readonly<Record<string, SearchField>>;
}

const numeric: readonly Operator[] = ['=', '!=', '<', '<=', '>', '>='];
const textual: readonly Operator[] = ['=', '!=', 'LIKE', 'ILIKE'];
const listed: readonly Operator[] = [...textual, 'IN', 'NOT IN'];
const nullable: readonly Operator[] = [...textual, 'IS NULL', 'IS NOT NULL'];

function attribute(name: string, operators: readonly Operator[]): Attribute {
  return { name, kind: operators === numeric ? 'number' : 'text', operators };
}

const attributeNames = {
  attribute: 'attribute',
  attributes: 'attribute',
  attr: 'attribute',
  run: 'attribute',
} as const;
const tagNames = { tag: 'tag', tags: 'tag' } as const;
const paramNames = { param: 'param', params: 'param', parameter: 'param', parameters: 'param' } as const;
const metricNames = { metric: 'metric', metrics: 'metric' } as const;

export const runGrammar: Grammar = {
  attributes: {
    run_id: attribute('run_id', listed),
    run_name: attribute('run_name', textual),
    'run name': attribute('run_name', textual),
    'Run name': attribute('run_name', textual),
    'Run Name': attribute('run_name', textual),
    status: attribute('status', textual),
    user_id: attribute('user_id', textual),
    artifact_uri: attribute('artifact_uri', textual),
    start_time: attribute('start_time', numeric),
    created: attribute('start_time', numeric),
    Created: attribute('start_time', numeric),
    end_time: attribute('end_time', numeric),
  },
  places: { tag: nullable, param: nullable, metric: numeric, dataset: listed },
  entities: { ...attributeNames, ...tagNames, ...paramNames, ...metricNames, dataset: 'dataset', datasets: 'dataset' },
};

export const experimentGrammar: Grammar = {
  attributes: {
    name: attribute('name', textual),
    experiment_id: attribute('experiment_id', listed),
    creation_time: attribute('creation_time', numeric),
    last_update_time: attribute('last_update_time', numeric),
  },
  places: { tag: nullable },
  entities: { ...attributeNames, ...tagNames },
};

export const modelGrammar: Grammar = {
  attributes: { name: attribute('name', listed) },
  places: { tag: textual },
  entities: { ...attributeNames, ...tagNames },
};

export const versionGrammar: Grammar = {
  attributes: {
    name: attribute('name', listed),
    run_id: attribute('run_id', listed),
    source_path: attribute('source_path', textual),
    version_number: attribute('version_number', numeric),
  },
  places: { tag: textual },
  entities: { ...attributeNames, ...tagNames },
};

export const loggedModelGrammar: Grammar = {
  attributes: {
    name: attribute('name', listed),
    model_id: attribute('model_id', listed),
    model_type: attribute('model_type', listed),
    status: attribute('status', listed),
    source_run_id: attribute('source_run_id', listed),
    experiment_id: attribute('experiment_id', listed),
    creation_timestamp: attribute('creation_timestamp', numeric),
    creation_time: attribute('creation_timestamp', numeric),
    last_updated_timestamp: attribute('last_updated_timestamp', numeric),
  },
  places: { tag: nullable, param: nullable, metric: numeric },
  entities: { attributes: 'attribute', attribute: 'attribute', ...tagNames, ...paramNames, ...metricNames },
};

export const traceGrammar: Grammar = {
  attributes: {
    request_id: attribute('trace_id', listed),
    trace_id: attribute('trace_id', listed),
    client_request_id: attribute('client_request_id', listed),
    name: attribute('name', listed),
    run_id: attribute('run_id', listed),
    experiment_id: attribute('experiment_id', listed),
    status: attribute('status', listed),
    state: attribute('status', listed),
    timestamp: attribute('timestamp', numeric),
    timestamp_ms: attribute('timestamp', numeric),
    execution_time: attribute('execution_time', numeric),
    execution_time_ms: attribute('execution_time', numeric),
    end_time: attribute('end_time', numeric),
    end_time_ms: attribute('end_time', numeric),
  },
  places: { tag: nullable, param: nullable },
  entities: {
    attributes: 'attribute',
    attribute: 'attribute',
    attr: 'attribute',
    trace: 'attribute',
    ...tagNames,
    metadata: 'param',
    request_metadata: 'param',
    trace_metadata: 'param',
  },
};

/** Parses a filter to conditions. Throws MLflow's errors for names that the search does not have. */
export function conditionsOf(filter: string, grammar: Grammar): Condition[] {
  return parseFilter(filter).map((comparison) => conditionOf(comparison, grammar));
}

function conditionOf(comparison: Comparison, grammar: Grammar): Condition {
  const { operator } = comparison;
  const { on, key, attribute: known } = placeOf(comparison, grammar);
  const operators = known?.operators ?? (on === 'attribute' ? [] : (grammar.places[on] ?? []));
  if (!operators.includes(operator))
    throw invalid(`Invalid comparator '${operator}' for ${on} '${key}'; it takes ${operators.join(', ')}`);
  const numbers = known?.kind === 'number' || on === 'metric';
  return { on, key: known?.name ?? key, operator, value: valueOf(comparison, on, numbers) };
}

/** Longest pattern in characters: matching takes time proportional to pattern times text. */
const maxPatternLength = 4096;

function valueOf({ key, operator, value }: Comparison, on: SearchField, numbers: boolean): Condition['value'] {
  if (value.kind === 'none') return null;
  if (value.kind === 'list') return value.items;
  if (numbers) {
    const found = Number(value.text);
    const quoted = value.kind === 'text' && key !== 'version_number';
    if (value.kind !== 'word' && !quoted && value.text.trim() !== '' && !Number.isNaN(found)) return found;
    throw invalid(`Expected numeric value type for ${on} '${key}'. Found ${value.text}`);
  }
  if (value.kind === 'text' && operator.endsWith('LIKE') && value.text.length > maxPatternLength)
    throw invalid(`A pattern has at most ${maxPatternLength} characters.`);
  if (value.kind === 'text') return value.text;
  const what = on === 'attribute' ? `attributes. Got value ${value.text}` : `${on} '${key}'`;
  throw invalid(
    `Parameter value is either not quoted or unidentified quote types used for string value ${value.text}. Use either single or double quotes. Expected a quoted string value for ${what}`,
  );
}

function placeOf(
  { entity, key }: Pick<Comparison, 'entity' | 'key'>,
  grammar: Grammar,
): { on: SearchField; key: string; attribute: Attribute | undefined } {
  const on = entity === undefined ? 'attribute' : own(grammar.entities, entity);
  if (on === undefined)
    throw invalid(`Invalid entity type '${entity}'. Valid values are ${Object.keys(grammar.entities).join(', ')}`);
  if (on !== 'attribute') return { on, key: checkDataset(on, key), attribute: undefined };
  const attribute = own(grammar.attributes, key);
  if (attribute) return { on, key, attribute };
  const names = Object.keys(grammar.attributes).join(', ');
  throw invalid(`Invalid attribute key '${key}' specified. Valid keys are: ${names}`);
}

function checkDataset(on: SearchField, key: string): string {
  if (on !== 'dataset' || ['name', 'digest', 'context'].includes(key)) return key;
  throw invalid(`Invalid dataset key '${key}' specified. Valid keys are: name, digest, context`);
}

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** Splits an order clause `key [ASC|DESC]` into the key as written and the direction. Throws for another form. */
export function splitOrder(clause: string): { key: string; descending: boolean } {
  const match = /^\s*((?:`[^`]*`|"[^"]*"|[^\s`"])+)(?:\s+(\S+))?(\s+\S.*)?\s*$/s.exec(clause.slice(0, 1000));
  if (!match || match[3] !== undefined) throw invalid(`Invalid order_by clause '${clause}'`);
  const way = match[2]?.toUpperCase() ?? 'ASC';
  if (way !== 'ASC' && way !== 'DESC')
    throw invalid(`Invalid ordering key in order_by clause '${clause}': it is ASC or DESC`);
  return { key: match[1] ?? '', descending: way === 'DESC' };
}

/** Parses order clauses with keys of the search's grammar. */
export function ordersOf(clauses: readonly string[], grammar: Grammar): Ordering[] {
  return clauses.map((clause) => {
    const { key: written, descending } = splitOrder(clause);
    const { on, key, attribute } = placeOf(parseKey(written), grammar);
    if (on === 'dataset') throw invalid(`Invalid order_by clause '${clause}': a dataset gives no order`);
    return { on, key: attribute?.name ?? key, descending };
  });
}

/** Parses order clauses with these keys only, each at most once. */
export function namedOrdersOf(
  clauses: readonly string[],
  keys: Readonly<Record<string, string>>,
  wrong: (key: string) => string,
): Ordering[] {
  const orders = clauses.map((clause): Ordering => {
    const { key: written, descending } = splitOrder(clause);
    const bare = written.replace(/^(attributes?|attr)\./, '').replaceAll(/[`"]/g, '');
    const key = own(keys, bare);
    if (key === undefined) throw invalid(wrong(bare));
    return { on: 'attribute', key, descending };
  });
  const named = orders.map(({ key }) => key);
  const twice = named.filter((key, index) => named.indexOf(key) !== index);
  if (twice.length > 0) throw invalid(`\`order_by\` contains duplicate fields: ${twice.join(', ')}`);
  return orders;
}
