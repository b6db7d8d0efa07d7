/** Returns the location of external data relative to the model's folder; undefined when it is absolute or leads out of the folder. */
export function containedPath(location: string): string | undefined {
  if (location === '' || /^[a-z]:|^[\\/]|\0|\\/i.test(location)) return undefined;
  const parts = location.split('/').filter((part) => part !== '.' && part !== '');
  return parts.length === 0 || parts.includes('..') ? undefined : parts.join('/');
}
