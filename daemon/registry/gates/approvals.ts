import { roles } from '../../protocol/token.ts';
import { failed, found, type Check } from './gate.ts';
import { referenceTo } from '../../shared/references.ts';

/** Passes if enough people with a role, other than its author, have approved the version for this pointer and nobody has rejected it. */
export const approvals: Check<'approvals'> = ({ count, role }, facts) => {
  const { subject, model, pointer } = facts;
  const expected = `${count} by ${role}${count === 1 ? '' : 's'}`;
  const newest = new Map(facts.approvals.map((approval) => [approval.person, approval]));
  const counting = [...newest.values()].filter((one) => roles.indexOf(one.role) >= roles.indexOf(role));
  const against = counting.find(({ decision }) => decision === 'rejected');
  if (against)
    return failed(
      `rejected by ${against.person}${against.text === '' ? '' : `: ${against.text}`}`,
      expected,
      'rejected',
    );
  const people = counting.filter(({ decision, person }) => decision === 'approved' && person !== subject.author);
  const names = people
    .map(({ person }) => person)
    .toSorted()
    .join(', ');
  const own = counting.some(({ decision, person }) => decision === 'approved' && person === subject.author);
  const author = own ? `; ${subject.author} made it and does not count` : '';
  const detail =
    people.length >= count
      ? `approved by ${names}`
      : `${people.length} of ${count} approvals${author}; plinth approve ${referenceTo(model, subject.number)} ${pointer}`;
  return found(people.length >= count, detail, expected, names === '' ? 'nobody' : names);
};
