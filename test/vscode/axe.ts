import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import type { Frame, Page } from 'playwright-core';
import { enter, option } from './actions.ts';

/** Themes with the picker's names, and the class that the workbench then has. */
export const themes = {
  'Light Modern': 'vs',
  'Dark Modern': 'vs-dark',
  'Dark High Contrast': 'hc-black',
  'Light High Contrast': 'hc-light',
} as const;

/** Chooses a theme as a person does. */
export async function wear(page: Page, theme: keyof typeof themes): Promise<void> {
  await page.locator('.part.sidebar .monaco-list').first().focus();
  await page.keyboard.press('Control+KeyK');
  await page.keyboard.press('Control+KeyT');
  await page.locator('.quick-input-widget .monaco-list-row').first().waitFor();
  await page.keyboard.type(theme);
  await option(page, theme).waitFor();
  await enter(page);
  await page.locator(`.monaco-workbench.${themes[theme]}`).waitFor();
}

const packages = createRequire(createRequire(import.meta.url).resolve('@axe-core/playwright'));
const source = readFileSync(packages.resolve('axe-core/axe.min.js'), 'utf8');

/** In VS Code's own rows, label and description are two elements without a space between them, but the row's name has one. */
const rules = { 'label-content-name-mismatch': { enabled: false } };

interface Finding {
  id: string;
  impact: string | null;
  help: string;
  nodes: { html: string }[];
}

/** Returns what axe finds serious or critical below an element of a page or frame, one line each. */
export async function seriousFindings(frame: Page | Frame, selector: string): Promise<string[]> {
  await frame.evaluate(source);
  const findings = await frame.evaluate(
    async ([within, options]) => {
      const { axe, document } = globalThis as unknown as {
        axe: { run(node: unknown, options: unknown): Promise<{ violations: Finding[] }> };
        document: { querySelector(selector: string): unknown };
      };
      return (await axe.run(document.querySelector(within), { rules: options })).violations;
    },
    [selector, rules] as const,
  );
  return findings
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html.slice(0, 200)}`));
}
