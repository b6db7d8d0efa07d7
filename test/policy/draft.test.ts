import { expect, test } from 'vitest';
import { editPolicyText } from '../../daemon/policy/draft.ts';
import { readPlinthFile } from '../../daemon/policy/parse.ts';

const text = `# Rules of the team.
models:
  - match: iris*
    metrics:
      rmse: { direction: lower, tolerance: 1% } # measured on five seeds
    gates:
      production:
        - { gate: metric, metric: accuracy, at_least: 0.9 }
`;

test('a direction is set in the entry that applies to the model, and comments stay', () => {
  const edited = editPolicyText(text, 'iris-small', { metric: 'odd', direction: 'lower' });
  expect(edited.text).toBe(text.replace('five seeds\n', 'five seeds\n      odd: lower\n'));
  expect(edited.line).toBe(6);
  const again = editPolicyText(text, 'iris', { metric: 'rmse', direction: 'higher' });
  expect(again.text).toBe(text.replace('direction: lower', 'direction: higher'));
});

test('a gate is added behind those of the stage', () => {
  const edited = editPolicyText(text, 'iris', { metric: 'f1', pointer: 'production' });
  expect(edited.text).toBe(`${text}        - { gate: no_regression, metric: f1 }\n`);
});

test('a model without an entry, and an empty file, get one that the policy reads without an error', () => {
  for (const before of ['', text, 'metrics:\n  profit: higher\n'])
    for (const edit of [
      { metric: 'a: b', direction: 'higher' },
      { metric: 'a: b', pointer: '@champion' },
    ] as const) {
      const { problems, file } = readPlinthFile(editPolicyText(before, 'churn', edit).text);
      expect([before, problems]).toEqual([before, []]);
      const entry = file.models.find(({ match }) => match === 'churn');
      if ('direction' in edit) expect(entry?.metrics).toEqual({ 'a: b': 'higher' });
      else expect(entry?.gates['@champion']).toMatchObject([{ gate: 'no_regression', metric: 'a: b' }]);
    }
});
