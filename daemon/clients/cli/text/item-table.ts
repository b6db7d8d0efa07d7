import { ageText, numberText, sizeText, spanText } from '../../../shared/format.ts';
import { fieldReader, type Field } from '../../../shared/search/field.ts';
import { timeAttributes, type FieldValue, type Searchable } from '../../../shared/search/searchable.ts';
import { columnsOf } from '../../../shared/search/sort.ts';
import type { Session } from '../session.ts';
import { table } from '../terminal/table.ts';
import { csvLine } from './csv.ts';

/**
 * Returns the lines of a table with these columns, and the columns that no item has. It begins with the attributes of `identity`
 * that are not among them. Throws `SearchError`.
 */
export function itemTable(
  { screen, now }: Pick<Session, 'screen' | 'now'>,
  items: readonly Searchable[],
  identity: readonly string[],
  names: string,
): { lines: string[]; unknown: string[] } {
  const chosen = columnsOf(names);
  const isChosen = (attribute: string): boolean => chosen.some(({ name }) => name.toLowerCase() === attribute);
  const columns = [...columnsOf(identity.filter((one) => !isChosen(one)).join()), ...chosen];
  const fields = items.map((item) => columns.map(({ read }) => read(item)));
  const isNumeric = (at: number): boolean => fields.some((row) => typeof row[at]?.value === 'number');
  const heads = columns.map(({ name }, at) => ({
    title: name,
    ...(isNumeric(at) ? { align: 'right' as const } : { least: 6 }),
  }));
  const rows = fields.map((row) => row.map((field, at) => shownText(columns[at]!.name, field, now)));
  return { lines: table(screen, heads, rows), unknown: unknownOf(columns, fields) };
}

/**
 * Returns the lines of a CSV file. Without `names`: these attributes, then every metric, param and tag. Times are in ISO 8601,
 * everything else is as it is stored.
 */
export function itemCsv(
  items: readonly Searchable[],
  attributes: readonly string[],
  names?: string,
): { lines: string[]; unknown: string[] } {
  const columns = names === undefined ? allColumns(items, attributes) : columnsOf(names);
  const fields = items.map((item) => columns.map(({ read }) => read(item)));
  const rows = fields.map((row) => csvLine(row.map((field, at) => exactText(columns[at]!.name, field))));
  return { lines: [csvLine(columns.map(({ name }) => name)), ...rows], unknown: unknownOf(columns, fields) };
}

function allColumns(items: readonly Searchable[], attributes: readonly string[]): ReturnType<typeof columnsOf> {
  const groups = ['metrics', 'params', 'tags'] as const;
  const others = groups.flatMap((group) => {
    const names = new Set(items.flatMap((item) => Object.keys(item[group])));
    return [...names].map((name) => `${group}.${name}`);
  });
  return [...attributes, ...others].map((name) => ({ name, read: fieldReader(name) }));
}

function unknownOf(
  columns: readonly { name: string }[],
  fields: readonly (readonly (Field | undefined)[])[],
): string[] {
  if (fields.length === 0) return [];
  return columns.flatMap(({ name }, at) => (fields.some((row) => row[at] !== undefined) ? [] : [name]));
}

function shownText(name: string, field: Field | undefined, now: number): string {
  if (field === undefined || field.value === null) return '–';
  const { group, value } = field;
  if (group === 'attributes' && typeof value === 'number') return attributeText(name.toLowerCase(), value, now);
  return typeof value === 'number' ? numberText(value) : plainText(value);
}

function attributeText(name: string, value: number, now: number): string {
  if (timeAttributes.has(name)) return ageText(value, now);
  if (name === 'age' || name === 'duration') return spanText(value);
  if (name === 'size') return sizeText(value);
  return String(value);
}

function exactText(name: string, field: Field | undefined): string {
  if (field === undefined || field.value === null) return '';
  const isTime = field.group === 'attributes' && timeAttributes.has(name.toLowerCase());
  return isTime && typeof field.value === 'number' ? new Date(field.value).toISOString() : plainText(field.value);
}

function plainText(value: NonNullable<FieldValue>): string {
  return typeof value === 'object' ? value.join(' ') : String(value);
}
