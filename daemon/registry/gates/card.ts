import { failed, passed, type Check } from './gate.ts';

/** Passes if the model's card has these fields, in its front matter or under a heading of that name. */
export const card: Check<'card'> = ({ fields }, { missingOnCard, model }) => {
  const missing = missingOnCard(fields);
  const expected = fields.join(', ');
  if (missing.length === 0) return passed(`the card says ${expected}`, expected);
  return failed(
    `the card does not say ${missing.join(', ')}; write it: plinth card ${model}`,
    expected,
    `${missing.join(', ')} missing`,
  );
};
