import { expect, test } from 'vitest';
import { findings } from '../../../../daemon/clients/lsp/features/diagnose.ts';
import { findReferences } from '../../../../daemon/clients/lsp/references/references.ts';
import { apply, nothing, versionFrom } from '../../../../daemon/clients/lsp/mirror/reducer.ts';
import { resolve } from '../../../../daemon/clients/lsp/references/resolve.ts';
import { churnRegistry, now } from '../../../support/lsp-registry.ts';

const registry = churnRegistry();

function said(uri: string): string[] {
  const [reference] = findReferences(`"${uri}"`, 'python', (name) => registry.models.has(name));
  if (reference?.form === 'path' || !reference) throw new Error(`no reference in ${uri}`);
  return findings(registry, reference, now).map(({ code, severity, message }) => `${severity} ${code}: ${message}`);
}

function meant(uri: string, known = registry): string {
  const [reference] = findReferences(`"${uri}"`, 'python', (name) => registry.models.has(name));
  if (reference?.form === 'path' || !reference) throw new Error(`no reference in ${uri}`);
  const resolved = resolve(known, reference);
  return resolved.kind === 'version' ? `v${resolved.version.number}` : resolved.kind;
}

test('a number, a stage, an alias and the latest lead to their version', () => {
  expect(
    ['models:/churn/7', 'models:/churn/Production', 'models:/churn@champion', 'models:/churn/latest'].map((uri) =>
      meant(uri),
    ),
  ).toEqual(['v7', 'v8', 'v8', 'v9']);
  expect(['churn@7', 'churn@production', 'churn@@champion', 'churn@champion'].map((uri) => meant(uri))).toEqual([
    'v7',
    'v8',
    'v8',
    'v8',
  ]);
  expect(meant('models:/churn/archived')).toBe('v1');
  expect(meant('models:/churn/staging')).toBe('vacant');
});

test('nothing is said before the registry was read, nor of versions that were not', () => {
  expect(meant('models:/churn/7', nothing)).toBe('unread');
  const models = apply(nothing, { kind: 'models', models: [...registry.models.values()], at: now });
  expect(meant('models:/churn/7', models)).toBe('unread');
  expect(meant('models:/churn@champion', models)).toBe('unread');
});

test('an unknown name is told with the closest', () => {
  expect(said('models:/chrun/3')).toEqual([
    'warning unknown-model: There is no model chrun in this registry. Did you mean churn?',
  ]);
  expect(said('models:/churn@champoin')).toEqual([
    'warning unknown-alias: churn has no alias @champoin. Did you mean champion?',
  ]);
  expect(said('models:/churn/12')).toEqual([
    'warning unknown-version: churn has no version 12. Did you mean 9 or 8 or 7?',
  ]);
  expect(said('models:/churn/prodution')).toEqual([
    'warning unknown-stage: churn has no stage prodution. Did you mean production?',
  ]);
  expect(said('models:/zebra/1')).toEqual(['warning unknown-model: There is no model zebra in this registry.']);
});

test('what is wrong with a version is told where it is named', () => {
  expect(said('models:/churn/1')[0]).toBe('warning archived: churn v1 is archived.');
  expect(said('models:/churn/2')[0]).toMatch(/^error damaged/);
  expect(said('models:/churn/3')).toEqual(['error deleted: churn v3 was deleted. It can be restored for 3 more days.']);
  expect(said('models:/churn/4')[0]).toMatch(/^warning unsafe-pickle/);
  expect(said('models:/churn/5')).toEqual(['error moved: churn v5 was moved to iris@2.']);
});

test('a pin behind production is a hint, and who follows a stage or an alias is never behind', () => {
  expect(said('models:/churn/6')).toEqual([
    'hint behind: churn v6 is 2 behind production, v8 (+0.02 acc), registered 2 d ago.',
  ]);
  for (const uri of ['models:/churn/8', 'models:/churn/9', 'models:/churn@champion', 'models:/churn/latest'])
    expect(said(uri), uri).toEqual([]);
});

test('a page of versions replaces those it covers and keeps the older ones', () => {
  const page = [...registry.versions.get('churn')!.known.values()].slice(0, 2);
  const whole = page.map((one) => ({ ...one, stage: 'staging', params: {}, description: '', tags: {} }));
  const from = Number.MAX_SAFE_INTEGER;
  const after = apply(registry, { kind: 'versions', model: 'churn', page: whole, from, complete: false });
  const known = [...after.versions.get('churn')!.known.values()];
  expect(known.map(({ number }) => number)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
  expect(known.map(({ stage }) => stage).slice(0, 3)).toEqual(['staging', 'staging', 'development']);
});

test('a version is known by the place that it came from', () => {
  expect(versionFrom(registry, '/home/ana/out/v6/model.joblib')?.number).toBe(6);
  expect(versionFrom(registry, '/home/ana/out/v3/model.joblib')).toBeUndefined();
});
