import fc from 'fast-check';
import { expect, test } from 'vitest';
import { referenceTo, splitReference, splitReferences } from '../../daemon/shared/references.ts';
import { startMlflowService } from '../api/mlflow/asked.ts';

test('a reference names again what it was made of, whatever the name holds', () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((text) => !/[/:]/.test(text));
  fc.assert(
    fc.property(fc.array(fc.tuple(name, fc.constantFrom('7', '@best', 'production')), { minLength: 1 }), (all) => {
      const references = all.map(([model, version]) => referenceTo(model, version));
      expect(references.map(splitReference)).toEqual(all.map(([model, version]) => ({ model, version })));
      expect(splitReferences(references.join(','))).toEqual(references);
    }),
  );
});

test('only names that need it are quoted', () => {
  expect(referenceTo('churn', 7)).toBe('churn@7');
  expect(referenceTo('my model', '@best')).toBe('my model@@best');
  expect(referenceTo('team@home', 7)).toBe('"team@home"@7');
  expect(referenceTo(' a\\b', 7)).toBe('" a\\\\b"@7');
  expect(splitReference('"odd')).toEqual({ model: '"odd', version: undefined });
});

test('versions of models whose names hold @ and commas are compared by their references', async () => {
  const service = await startMlflowService();
  const names = ['team@home', 'a,b', 'b'];
  for (const name of names) {
    await service.ok('POST', 'registered-models/create', { name });
    await service.ok('POST', 'model-versions/create', { name, source: 's3://b/x' });
  }
  const versions = names.map((name) => referenceTo(name, 1)).join(',');
  const { columns } = await service.client.call('GET /compare', { versions });
  expect(columns.map(({ reference }) => reference)).toEqual(['"team@home"@1', '"a,b"@1', 'b@1']);
});
