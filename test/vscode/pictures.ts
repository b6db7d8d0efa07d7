import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach } from 'vitest';
import type { Workbench } from './workbench.ts';

const kept = process.env['PLINTH_PICTURES'];
const failures = join(import.meta.dirname, '..', '..', '.cache', 'failures');

/** Keeps what the window shows, where pictures are wanted (`npm run pictures`). The pointer goes aside first, or stays where it is. */
export async function picture(page: Page, name: string, pointer: 'aside' | 'where it is' = 'aside'): Promise<void> {
  if (kept === undefined) return;
  if (pointer === 'aside') await page.mouse.move(800, 420);
  await page.waitForTimeout(1000);
  await page.screenshot({ path: join(kept, `${name}.png`) });
}

/**
 * After a failed test of this file, keeps what the windows showed, and prints what they said, what had the keys and what our log
 * told last. What the test left open is closed, so that it does not fail the next one.
 */
export function keepFailures(workbench: () => Workbench | undefined): void {
  afterEach(async ({ task }) => {
    const failed = task.result?.state === 'fail' ? workbench() : undefined;
    if (!failed) return;
    mkdirSync(failures, { recursive: true });
    for (const [index, page] of failed.context.pages().entries()) {
      const path = join(failures, `${task.name.replaceAll(/\W+/g, '-')}-${index}.png`);
      await page.screenshot({ path, timeout: 10_000 }).catch(() => undefined);
      const keys = await page
        .locator(':focus')
        .first()
        .getAttribute('aria-label', { timeout: 2000 })
        .catch(() => null);
      console.log(`the keys went to: ${keys}`);
      for (const frame of page.frames()) {
        const text = await frame
          .locator('body')
          .innerText({ timeout: 2000 })
          .catch(() => '');
        if (/\S/.test(text) && !text.includes('vscodeWebWorkerExtHostId'))
          console.log(`a window said: ${text.replaceAll(/\s+/g, ' ').slice(0, 1500)}`);
      }
    }
    const file = join(failed.dataFolder, 'log', 'daemon.log');
    const log = existsSync(file) ? readFileSync(file, 'utf8') : '';
    console.log(`the service's log ends with:\n${log.split('\n').slice(-20).join('\n')}`);
    for (let times = 0; times < 3; times += 1) await failed.page.keyboard.press('Escape').catch(() => undefined);
  });
}
