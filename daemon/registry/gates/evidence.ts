import { matches } from '../../shared/glob.ts';
import { found, type Check } from './gate.ts';
import { referenceTo } from '../../shared/references.ts';

/** Passes if each name or glob matches a file, such as an evaluation report, that is attached to the version. */
export const evidence: Check<'evidence'> = ({ files }, { subject, model }) => {
  const names = subject.evidence.flatMap((name) => [name, name.slice(name.lastIndexOf('/') + 1)]);
  const missing = files.filter((file) => !names.some((name) => matches(name, file)));
  const attach = `plinth attach ${referenceTo(model, subject.number)} FILE`;
  const detail =
    missing.length === 0 ? `attached: ${files.join(', ')}` : `not attached: ${missing.join(', ')}; ${attach}`;
  return found(
    missing.length === 0,
    detail,
    files.join(', '),
    missing.length === 0 ? 'all' : `${missing.join(', ')} missing`,
  );
};
