import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scriptBytes } from '../../support/script-bytes.ts';

const folder = join(process.env['PLINTH_BUNDLE'] ?? '', 'webview');

test('what every page loads has at most 300 KB, and the code of most pages is loaded when one is opened', () => {
  expect(scriptBytes(join(folder, 'main.js'))).toBeLessThanOrEqual(300_000);
  expect(scriptBytes(join(folder, 'main.js'))).toBeGreaterThan(50_000);
  expect(readdirSync(join(folder, 'part')).length).toBeGreaterThan(5);
});
