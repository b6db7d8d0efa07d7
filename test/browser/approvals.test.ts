import { AxeBuilder } from '@axe-core/playwright';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, type Client } from '../../daemon/clients/client/request.ts';
import type { Role } from '../../daemon/protocol/token.ts';
import { copySample, startService, until, type TestService } from '../support/daemon.ts';
import { hasBrowser, openBrowser } from '../vscode/browser.ts';
import { picture } from '../vscode/pictures.ts';
import { openPage } from './open-page.ts';

const reason = hasBrowser() ? undefined : 'no Chromium, Chrome or Edge was found, and none came with npm';
if (reason !== undefined) test(`approvals in a browser: ${reason}`, (context) => context.skip(reason));

const rules = `models:
  - match: iris
    stages: [staging, shadow, production]
    gates:
      production:
        - { gate: pickle, allow: [known imports only] }
        - { gate: tags, keys: [dataset] }
        - { gate: approvals, count: 1 }
`;
const version = { page: 'version', model: 'iris', version: '1' } as const;

/** A registry with one version below a plinth.yaml. */
async function ruled(): Promise<TestService> {
  const service = await startService();
  mkdirSync(join(service.out, '.git'));
  writeFileSync(join(service.out, 'plinth.yaml'), rules);
  const path = copySample('sklearn/iris-script/outputs/v1/model.joblib', join(service.out, 'model.joblib'));
  await service.client.call('POST /register', { path, model: 'iris' });
  return service;
}

async function person(service: TestService, owner: string, role: Role): Promise<Client & { id: string }> {
  const { token, id } = await service.client.call('POST /tokens', { owner, role });
  return { ...connect({ ...service.daemon.file, token }, 'test'), id };
}

async function holder({ client }: TestService): Promise<number | null> {
  const { pointers } = await client.call('GET /models/:model', { model: 'iris' });
  return pointers.find(({ name }) => name === 'production')?.holder ?? null;
}

async function promote(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Promote…' }).click();
  await page.getByRole('combobox').selectOption('production');
  await page.getByLabel('Reason (optional)').fill('better');
  await page.getByRole('button', { name: 'Promote', exact: true }).click();
}

describe.skipIf(reason !== undefined)(
  'approvals in a browser',
  () => {
    let browser: Browser;
    beforeAll(async () => void (browser = await openBrowser()), 60_000);
    afterAll(() => browser?.close());

    test('a refusal shows every gate, approval is asked for, a team-mate gives it, and the version is promoted', async () => {
      const service = await ruled();
      const mine = await openPage(browser, service, version);
      await promote(mine.page);
      const dialog = mine.page.getByRole('dialog');
      await dialog.getByRole('heading', { name: 'Cannot promote iris@1 to production: 2 of 3 gates failed' }).waitFor();
      for (const gate of ['tags', 'approvals']) await dialog.getByRole('rowheader', { name: gate }).waitFor();
      await picture(mine.page, 'page-refused');
      expect(await holder(service)).toBeNull();
      await dialog.getByRole('button', { name: 'Request Approval' }).click();
      await mine.page.getByText('Requested approval of iris@1 for production.').waitFor();
      await mine.page.getByText('? requested').waitFor();
      const bo = await person(service, 'bo', 'approver');
      const theirs = await openPage(browser, service, { page: 'models' }, { as: bo });
      const waiting = theirs.page.getByRole('region', { name: 'Waiting for approval' });
      await waiting.getByText('better').first().waitFor();
      await picture(theirs.page, 'page-waiting');
      await waiting.getByRole('button', { name: 'v1' }).first().click();
      await theirs.page.getByRole('heading', { name: 'iris v1', level: 1 }).waitFor();
      await theirs.page.getByText('bo · approver').waitFor();
      await theirs.page.getByRole('button', { name: 'Reject…' }).click();
      await theirs.page.getByLabel('Requested changes').fill('which data is it from?');
      await theirs.page.getByRole('button', { name: 'Reject', exact: true }).click();
      await mine.page.getByText('✗ rejected').waitFor();
      await service.client.call('POST /models/:model/versions/:version/tag', {
        model: 'iris',
        version: '1',
        key: 'dataset',
        value: 'iris-2026',
      });
      await theirs.page.getByRole('button', { name: 'Approve…' }).click();
      await theirs.page.getByLabel('Comment (optional)').fill('metrics and card');
      await picture(theirs.page, 'page-approve');
      await theirs.page.getByRole('button', { name: 'Approve', exact: true }).click();
      await mine.page.getByText('v1 passes all gates for production.').waitFor();
      await picture(mine.page, 'page-approved');
      await promote(mine.page);
      await mine.page.getByText('iris production is now v1 (was empty).').waitFor();
      const { approvals } = await service.client.call('GET /models/:model/versions/:version/approvals', {
        model: 'iris',
        version: '1',
      });
      expect(approvals.map(({ person: by, decision }) => `${by} ${decision}`).slice(1)).toEqual([
        'bo rejected',
        'bo approved',
      ]);
      expect([...mine.wrong, ...theirs.wrong]).toEqual([]);
    });

    test('whoever goes past the gates gives a reason, and the page tells of it from then on', async () => {
      const service = await ruled();
      const { page } = await openPage(browser, service, version);
      await promote(page);
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Reason').fill('the old one is down');
      await dialog.getByRole('button', { name: 'Override Gates and Promote' }).click();
      await page.getByText('iris production is now v1 (was empty).').waitFor();
      await page.getByText(/Promoted to production with gates overridden by .*: “the old one is down”/).waitFor();
      await picture(page, 'page-bypassed');
      await service.client.call('POST /models/:model/rollback', { model: 'iris', stage: 'production' }).catch(() => 0);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
    });

    test('a page shows the acts of whoever opened it, and is let in as long as their token is good', async () => {
      const service = await ruled();
      const [eve, bo] = [await person(service, 'eve', 'viewer'), await person(service, 'bo', 'contributor')];
      const acts = async (as: Client): Promise<string[]> => {
        const { page } = await openPage(browser, service, version, { as });
        const names = await page.locator('vscode-button, button.act').allInnerTexts();
        return names.map((name) => name.trim()).filter((name) => /Promote|Approv|Reject/.test(name));
      };
      expect(await acts(eve)).toEqual([]);
      expect(await acts(bo)).toEqual(['Promote…', 'Request Approval…']);
      const { page } = await openPage(browser, service, version, { as: bo });
      await service.client.call('POST /tokens/revoke', { id: bo.id });
      await until(async () => (await page.getByRole('alert').count()) > 0, 'the page says so');
    });

    test('the page offers the stages of plinth.yaml in their order', async () => {
      const service = await ruled();
      const { page } = await openPage(browser, service, version);
      await page.getByRole('button', { name: 'Promote…' }).click();
      await page.getByRole('combobox').waitFor();
      const options = await page.getByRole('combobox').locator('option').allInnerTexts();
      expect(options).toEqual(['staging (empty)', 'shadow (empty)', 'production (empty)']);
    });
  },
  90_000,
);
