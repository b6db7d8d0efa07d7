import { expect, test } from 'vitest';
import { readCatboostJson, readCbm } from '../../../daemon/formats/boosters/catboost.ts';
import { sourceOf } from '../../../daemon/formats/source.ts';
import { bytesOf } from '../../ingest/artifact/recognisers/on-disk.ts';
import { kindOf, kindsOfCuts, readsAnyDamage } from '../damage.ts';

const cbm = bytesOf('catboost/model.cbm');
const json = bytesOf('catboost/model.json');

test('the two formats of one model say the same', () => {
  const binary = readCbm(sourceOf(cbm));
  const text = readCatboostJson(sourceOf(json));
  expect(binary).toMatchObject({ trees: 5, features: 13, dimension: 3, featureNames: [], ended: true });
  expect(text).toMatchObject({ trees: 5, features: 13, dimension: 3, featureNames: [], ended: true });
  expect(Object.keys(binary.info).toSorted()).toEqual(Object.keys(text.info).toSorted());
  expect(binary.info['params']).toEqual(text.info['params']);
  expect(binary.info['model_guid']).toMatch(/^[\da-f-]+$/);
});

test('a model cut anywhere is truncated', () => {
  expect(kindsOfCuts(readCbm, cbm, 7)).toEqual(new Set(['truncated']));
  expect(kindsOfCuts(readCatboostJson, json, 13)).toEqual(new Set(['truncated']));
});

test('bytes behind the FlatBuffer have no recorded end', () => {
  expect(readCbm(sourceOf(Buffer.concat([cbm, Buffer.alloc(40)]))).ended).toBe(false);
});

test('a FlatBuffer whose offsets lead out of it is malformed', () => {
  const broken = Buffer.from(cbm);
  broken.writeUInt32LE(0x7fffffff, 8);
  expect(kindOf(readCbm, broken)).toBe('malformed');
  const itself = Buffer.from(cbm);
  itself.writeUInt32LE(0, 0x20);
  expect(kindOf(readCbm, itself)).toBe('malformed');
  const many = Buffer.from(cbm);
  many.writeUInt32LE(0xffffffff, 0x2c);
  expect(kindOf(readCbm, many)).toBe('malformed');
  expect(kindOf(readCbm, Buffer.from('CBM1\0\0\0\0'))).toBe('malformed');
  expect(kindOf(readCbm, Buffer.from('another file'))).toBe('malformed');
});

test('JSON that is another model, or has no trees, is malformed', () => {
  expect(kindOf(readCatboostJson, bytesOf('xgboost/breast-cancer/run-001/model.json'))).toBe('malformed');
  expect(kindOf(readCatboostJson, Buffer.from('{"model_info": {"a": 1}, "scale_and_bias": [1, [0]]}'))).toBe(
    'malformed',
  );
  expect(kindOf(readCatboostJson, Buffer.from('[1, 2, 3]'))).toBe('malformed');
  expect(kindOf(readCatboostJson, Buffer.from('{"model_info":'.repeat(100_000)))).toBe('unsupported');
});

test('a damaged model is answered with a FormatError', () => {
  readsAnyDamage(readCbm, cbm);
  readsAnyDamage(readCbm, cbm.slice(0, 0x60));
  readsAnyDamage(readCatboostJson, json, 200);
});
