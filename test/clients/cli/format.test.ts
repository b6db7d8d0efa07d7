import { expect, test } from 'vitest';
import { clean } from '../../../daemon/clients/cli/terminal/sanitize.ts';
import { cleanText } from '../../../daemon/shared/clean-text.ts';
import { metricsText } from '../../../daemon/shared/event-text.ts';
import { pointerOf, split, versionOrLatest } from '../../../daemon/clients/cli/reference-args.ts';
import { relativeTo } from '../../../daemon/clients/cli/paths.ts';
import { ageText, dateText, deltaText, numberText, sizeText } from '../../../daemon/shared/format.ts';

test('sizes are in decimal units with one digit', () => {
  const sizes = [0, 999, 1000, 6241, 95_297, 999_600, 1_400_000_000].map(sizeText);
  expect(sizes).toEqual(['0 B', '999 B', '1.0 kB', '6.2 kB', '95.3 kB', '1.0 MB', '1.4 GB']);
});

test('ages are told in their largest unit, old ones by their day', () => {
  const now = new Date(2026, 10, 25, 18, 0).getTime();
  const ages = [500, 5000, 130_000, 7_300_000, 3 * 86_400_000].map((ms) => ageText(now - ms, now));
  expect(ages).toEqual(['just now', 'just now', '2 min ago', '2 h ago', '3 d ago']);
  expect(ageText(new Date(2026, 0, 2, 3, 4).getTime(), now)).toBe('2 Jan 2026');
  expect(dateText(new Date(2026, 0, 2, 3, 4).getTime())).toBe('2026-01-02 03:04');
});

test('numbers have four significant digits, differences a sign', () => {
  expect([0.123456, 12345.6, 42, 1e-9, 'NaN'].map((value) => numberText(value))).toEqual([
    '0.1235',
    '12346',
    '42',
    '1e-9',
    'NaN',
  ]);
  expect([0.5, -0.25].map(deltaText)).toEqual(['+0.5', '−0.25']);
});

test('three metrics are shown, of held-out data and well-known ones first', () => {
  const metrics = { train_loss: 0.1, gradient_norm: 3, val_loss: 0.2, val_acc: 0.9, lr: 0.001, test_f1: 0.88 };
  expect(metricsText(metrics)).toBe('val_acc 0.9 · test_f1 0.88 · val_loss 0.2');
  expect(metricsText(metrics, 2, ['train_loss'])).toBe('train_loss 0.1 · val_acc 0.9');
  expect(metricsText({ accuracy: 0.95561 })).toBe('accuracy 0.9556');
});

test('text from files cannot steer the terminal', () => {
  expect(cleanText('a\u001b[2Jb\u009b1mc\u202ed\ne')).toBe('a\\x1b[2Jb\\x9b1mc\\u202ed\ne');
  const hostile = JSON.parse('{"__proto__": {"x": "\\u001b"}, "k\\u0007": ["\\u0000", 1, null]}') as object;
  const cleaned = clean(hostile);
  expect(JSON.stringify(cleaned)).toBe('{"__proto__":{"x":"\\\\x1b"},"k\\\\x07":["\\\\x00",1,null]}');
  expect(Object.getPrototypeOf(cleaned)).toBe(Object.prototype);
});

test('a reference names a version, and a model alone its latest', () => {
  expect(versionOrLatest('churn')).toEqual({ model: 'churn', version: 'latest' });
  expect(versionOrLatest('churn@@champion')).toEqual({ model: 'churn', version: '@champion' });
  expect(() => split('churn@')).toThrow('does not name a version');
  expect(pointerOf(undefined, undefined)).toEqual({ stage: 'production' });
  expect(pointerOf('@champion', undefined)).toEqual({ alias: 'champion' });
});

test('a path is shown from the innermost folder that holds it', () => {
  expect(relativeTo(['/data', '/data/runs'], '/data/runs/a/model.pt')).toBe('a/model.pt');
  expect(relativeTo(['/data'], '/database/model.pt')).toBe('/database/model.pt');
});
