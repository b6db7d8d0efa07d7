import { expect, test } from 'vitest';
import { findReferences } from '../../daemon/clients/lsp/references/references.ts';
import { modelUri } from '../../daemon/shared/references.ts';

test('the URI of a model is one that MLflow loads, and that the language server finds in code', () => {
  const cases = [
    [modelUri('churn', 7), 'models:/churn/7', { kind: 'number', number: 7 }],
    [
      modelUri('churn', { kind: 'alias', name: 'champion' }),
      'models:/churn@champion',
      { kind: 'alias', name: 'champion' },
    ],
    [
      modelUri('churn', { kind: 'stage', name: 'production' }),
      'models:/churn/production',
      { kind: 'stage', name: 'production' },
    ],
  ] as const;
  for (const [uri, expected, selector] of cases) {
    expect(uri).toBe(expected);
    expect(findReferences(`load("${uri}")`, 'python', () => false)).toMatchObject([{ model: 'churn', selector }]);
  }
});
