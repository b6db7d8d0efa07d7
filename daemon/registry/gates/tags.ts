import { found, type Check } from './gate.ts';

/** Passes if the version or its model has tags with these keys. */
export const tags: Check<'tags'> = ({ keys }, { subject }) => {
  const missing = keys.filter((key) => (Object.hasOwn(subject.tags, key) ? subject.tags[key] : '') === '');
  const detail =
    missing.length === 0 ? `tagged ${keys.join(', ')}` : `v${subject.number} has no tag ${missing.join(', ')}`;
  return found(
    missing.length === 0,
    detail,
    keys.join(', '),
    missing.length === 0 ? 'all' : `${missing.join(', ')} missing`,
  );
};
