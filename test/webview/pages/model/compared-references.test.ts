import { expect, test } from 'vitest';
import { comparedReferences } from '../../../../webview/pages/model/compared-references.ts';

const base = { kind: 'stage' as const, at: 0, actor: '', reason: '', previous: [], seq: 1 };

test('the version in production is the baseline of those that it is selected with', () => {
  const pointers = [
    { ...base, name: 'staging', holder: 12 },
    { ...base, name: 'production', holder: 9 },
  ];
  const refer = (numbers: number[]): string[] => comparedReferences({ name: 'churn', pointers }, numbers);
  expect(refer([10, 9, 2, 12])).toEqual(['churn@9', 'churn@2', 'churn@10', 'churn@12']);
  expect(refer([10, 2])).toEqual(['churn@2', 'churn@10']);
  expect(comparedReferences({ name: 'churn', pointers: [] }, [10, 9])).toEqual(['churn@9', 'churn@10']);
});
