import { expect, test } from 'vitest';
import { frameworkText, kindParts } from '../../daemon/shared/model-kind.ts';

test('what a model is says no word twice: the library and its version, then what the format adds', () => {
  const text = (framework: string | null, format: string | null, frameworkVersion: string | null = null): string =>
    kindParts({ framework, frameworkVersion, format }).join(' · ');
  expect(text('scikit-learn', 'joblib', '1.9.1')).toBe('scikit-learn 1.9.1 · joblib');
  expect(text('safetensors', 'safetensors')).toBe('safetensors');
  expect(text('transformers', 'transformers folder', '4.57')).toBe('transformers 4.57 · folder');
  expect(text('pytorch', 'torch zip checkpoint')).toBe('pytorch · zip checkpoint');
  expect(text('lightning', 'torch legacy')).toBe('lightning · legacy');
  expect(text('xgboost', 'torch zip')).toBe('xgboost · torch zip');
  expect(text(null, 'torch zip')).toBe('torch zip');
  expect(text('unknown', null)).toBe('unknown');
  expect(kindParts({})).toEqual([]);
  expect(frameworkText({ framework: 'keras', frameworkVersion: null })).toBe('keras');
});
