import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pageBundleBytes } from '../../support/page-bundle.ts';

const folder = join(process.env['PLINTH_BUNDLE'] ?? '', 'webview');

test('what every page loads has at most 300 KB, and the code of most pages is loaded when one is opened', () => {
  expect(pageBundleBytes(folder)).toBeLessThanOrEqual(300_000);
  expect(pageBundleBytes(folder)).toBeGreaterThan(50_000);
  expect(readdirSync(join(folder, 'part')).length).toBeGreaterThan(5);
});
