import { isObject, type Json } from '../../protocol/json.ts';

/** Returns an own field of an object; undefined when the value is not an object or does not have it. */
export function field(value: Json | undefined, key: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** Returns the fields of an object that are numbers. One level of nesting is joined with `/`. */
export function numbers(value: Json | undefined, prefix = ''): Record<string, number> {
  const found = Object.entries(isObject(value) ? value : {}).flatMap(([key, inner]): [string, number][] => {
    if (typeof inner === 'number') return [[prefix + key, inner]];
    return prefix === '' ? Object.entries(numbers(inner, `${key}/`)) : [];
  });
  return Object.fromEntries(found.filter(([key]) => key !== '__proto__'));
}
