import type { Locator, Page } from 'playwright-core';

/** A person at a browser whose clicks are counted. A word that is typed counts as one. */
export interface User {
  page: Page;
  /** How often this was played before. */
  round: number;
  /** Clicks, with a key held if one is named. The wheel that brings the thing into view does not count. */
  click(what: Locator, held?: 'Shift'): Promise<void>;
  /** Clicks what a headless browser finds covered by something else, which a person reaches by scrolling a part of the page. */
  press(what: Locator): Promise<void>;
  type(into: Locator, text: string): Promise<void>;
  choose(from: Locator, label: string | { index: number }): Promise<void>;
  /** Waits until `count` visible elements match a selector and contain a text. The last call ends the time. */
  sees(selector: string, text?: string, count?: number): Promise<void>;
  /** Turns the wheel until the first element that matches is in view, and keeps it there while the page grows. */
  looksAt(selector: string): Promise<void>;
}

export interface Played {
  clicks: number;
  /** From the last click, or from the opening of the page if there is none, until it is seen. */
  ms: number;
}

/** Notes the time of each click and key before the page hears of it, and counts what is visible and drawn. */
export const watcher = `
for (const kind of ['click', 'keydown', 'change'])
  addEventListener(kind, () => sessionStorage.setItem('beside', String(performance.timeOrigin + performance.now())), true);
globalThis.besideCount = (selector, text) => [...document.querySelectorAll(selector)].filter((one) => {
  const box = one.getBoundingClientRect();
  if (box.width === 0 || box.height === 0 || !(one.textContent ?? '').includes(text)) return false;
  if (one instanceof HTMLImageElement) return one.complete && one.naturalWidth > 0;
  if (!(one instanceof HTMLCanvasElement)) return true;
  const drawing = one.width > 0 && one.height > 0 ? one.getContext('2d')?.getImageData(0, 0, one.width, one.height) : undefined;
  return drawing?.data.some((value, at) => at % 4 === 3 && value > 0) ?? false;
}).length;
`;

/** Answers with the time of the first frame after the one in which it is all there. */
const seen = (selector: string, text: string, count: number): string => `new Promise((resolve) => {
  const now = () => performance.timeOrigin + performance.now();
  const look = () => besideCount(${JSON.stringify(selector)}, ${JSON.stringify(text)}) >= ${count}
    ? requestAnimationFrame(() => setTimeout(() => resolve([now(), Number(sessionStorage.getItem('beside') ?? performance.timeOrigin)])))
    : setTimeout(look, 5);
  look();
})`;

/** Scrolls again whenever what grows above an element has moved it out of view. */
const keepInView = (selector: string): string => `(() => {
  const look = () => {
    const top = document.querySelector(${JSON.stringify(selector)})?.getBoundingClientRect().top ?? 0;
    if (top < 0 || top > innerHeight / 2) document.querySelector(${JSON.stringify(selector)})?.scrollIntoView();
  };
  look();
  setInterval(look, 50);
})()`;

export const patience = 60_000;

/** Plays something on a page that was just opened and returns what it took. */
export async function play(page: Page, round: number, steps: (user: User) => Promise<void>): Promise<Played> {
  let clicks = 0;
  let ms: number | undefined;
  const count = (): void => {
    clicks += 1;
    ms = undefined;
  };
  const user: User = {
    page,
    round,
    async click(what, held) {
      await what.waitFor({ state: 'attached', timeout: patience });
      await scrollTo(what);
      await what.click({ timeout: patience, ...(held !== undefined && { modifiers: [held] }) });
      count();
    },
    async press(what) {
      await what.dispatchEvent('click', {}, { timeout: patience });
      count();
    },
    async type(into, text) {
      await into.fill(text);
      count();
    },
    async choose(from, label) {
      await from.selectOption(label);
      count();
    },
    async sees(selector, text = '', least = 1) {
      const found = await insist(page, seen(selector, text, least));
      ms = found[0] - found[1];
    },
    async looksAt(selector) {
      await page.locator(selector).first().waitFor({ state: 'attached', timeout: patience });
      await page.evaluate(keepInView(selector));
    },
  };
  await steps(user);
  return { clicks, ms: ms ?? Number.NaN };
}

async function scrollTo(what: Locator): Promise<void> {
  await what.evaluate((element) => element.scrollIntoView({ block: 'center', behavior: 'instant' }));
}

/** Evaluates again if the page was replaced by another one meanwhile. */
async function insist(page: Page, expression: string): Promise<[number, number]> {
  const end = Date.now() + patience;
  for (;;)
    try {
      const late = new Promise<never>((_, reject) => {
        setTimeout(
          () => reject(new Error(`not seen within ${patience / 1000} s: ${expression}`)),
          end - Date.now(),
        ).unref();
      });
      return await Promise.race([page.evaluate(expression) as Promise<[number, number]>, late]);
    } catch (error) {
      const isReplaced = error instanceof Error && /context was destroyed|navigat/i.test(error.message);
      if (!isReplaced || Date.now() > end) throw error;
    }
}
