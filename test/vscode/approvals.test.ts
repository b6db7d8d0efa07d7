import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findDaemon } from '../../daemon/clients/client/discover.ts';
import { connect, type Client } from '../../daemon/clients/client/request.ts';
import type { Approval } from '../../daemon/protocol/approval.ts';
import { until } from '../support/daemon.ts';
import {
  acceptReview,
  asked,
  choose,
  clearToasts,
  command,
  enter,
  expand,
  menu,
  openFromMenu,
  openModels,
  option,
  row,
  toast,
} from './actions.ts';
import { iris, trainingOutputs } from './outputs.ts';
import { keepFailures, picture } from './pictures.ts';
import { inOneWindow, missing, openWorkbench, type Workbench } from './workbench.ts';

const reason = missing();
const vsix = process.env['PLINTH_VSIX'];
const limit = { timeout: 120_000 };

const rules = `models:
  - match: iris
    stages: [staging, shadow, production]
    gates:
      production:
        - { gate: metric, metric: log_loss, at_most: 0.16 }
        - { gate: tags, keys: [dataset] }
        - { gate: approvals, count: 1 }
      staging:
        - { gate: command, run: 'test -s "$PLINTH_PATH"' }
    deployment:
      staging: { run: 'echo serving v$PLINTH_VERSION' }
`;

function ruledOutputs(): string {
  const folder = trainingOutputs({ iris });
  mkdirSync(join(folder, '.git'));
  writeFileSync(join(folder, 'plinth.yaml'), rules);
  return folder;
}

if (reason !== undefined) test(`approvals in the workbench: ${reason}`, (context) => context.skip(reason));

describe.skipIf(reason !== undefined)('gates and approvals in a real VS Code workbench', inOneWindow, () => {
  let workbench: Workbench;
  keepFailures(() => workbench);

  beforeAll(async () => {
    const workspace = ruledOutputs();
    const settings = {
      'plinth.ai.mcp.allowWrites': true,
      'plinth.ai.offerAs': 'both',
      'chat.disableAIFeatures': false,
    };
    workbench = await openWorkbench({
      workspace,
      settings,
      ...(vsix === undefined ? {} : { vsix }),
    });
    await openModels(workbench.page);
    await expand(workbench.page, /^iris/);
  }, 400_000);

  afterAll(() => workbench?.close());

  async function client(): Promise<Client> {
    const daemon = await findDaemon(workbench.dataFolder);
    if (!daemon) throw new Error('no registry service runs');
    return connect(daemon, 'cli');
  }

  /** Connects as a team-mate on another machine with a token of their own. */
  async function teamMate(): Promise<Client> {
    const here = await client();
    const { token } = await here.call('POST /tokens', { owner: 'bo', role: 'approver', again: true });
    return connect({ ...here.daemon, token }, 'cli');
  }

  async function holder(): Promise<number | null> {
    const { pointers } = await (await client()).call('GET /models/:model', { model: 'iris' });
    return pointers.find(({ name }) => name === 'production')?.holder ?? null;
  }

  async function said(): Promise<Approval['decision'][]> {
    const request = { model: 'iris', version: '3' };
    const { approvals } = await (await client()).call('GET /models/:model/versions/:version/approvals', request);
    return approvals.map(({ decision }) => decision);
  }

  async function typed(placeholder: RegExp, text: string): Promise<void> {
    await asked(workbench.page, placeholder);
    await enter(workbench.page, text);
  }

  test(
    'the gates of a stage are shown with what they want and find, and lead to asking for approval',
    limit,
    async () => {
      const { page } = workbench;
      await menu(page, row(page, /^v3 /), /^Review/, /^Run Gates/);
      for (const stage of ['staging', 'shadow', 'production']) await option(page, stage).waitFor();
      await choose(page, 'production');
      await option(page, 'metric log_loss').waitFor();
      await option(page, 'approvals').waitFor();
      await picture(page, 'gates');
      await choose(page, 'Request Approval');
      await typed(/^Reason/, 'better on every class');
      await until(async () => (await said()).join() === 'requested', 'the request');
    },
  );

  test('a promotion that gates refuse names each of them, and moves nothing', limit, async () => {
    const { page } = workbench;
    await menu(page, row(page, /^v3 /), /^Promote/);
    await choose(page, 'production');
    for (const gate of ['metric log_loss', 'tags', 'approvals']) await option(page, gate).waitFor();
    await picture(page, 'refused');
    await page.keyboard.press('Escape');
    expect(await holder()).toBeNull();
  });

  test('Test Explorer lists a gate below its stage, and a run says what each that failed found', limit, async () => {
    const { page } = workbench;
    await command(page, 'Testing: Focus on Test Explorer View');
    await row(page, /^iris v3 \(Not yet run/).waitFor();
    await command(page, 'Test: Run All Tests');
    await row(page, /^iris v3 \(Failed/).waitFor();
    await expand(page, /^iris/);
    await expand(page, /^production/);
    for (const state of [/^metric log_loss \(Passed/, /^tags \(Failed/, /^approvals \(Failed/])
      await row(page, state).waitFor();
    await row(page, /^tags/).dblclick();
    await page.getByText('tags: v3 has no tag dataset').first().waitFor();
    await page.locator('.part.editor .testing-run-glyph').first().waitFor();
    await picture(page, 'gates-failed');
    await command(page, 'View: Close All Editors');
    await command(page, 'View: Hide Panel');
    await openModels(page);
  });

  test('a rejection takes a comment, and stands in the tree with what a team-mate says', limit, async () => {
    const { page } = workbench;
    await menu(page, row(page, /^v3 /), /^Review/, /^Reject/);
    await choose(page, 'production');
    await asked(page, /^Requested changes/);
    await enter(page);
    await page.getByText('Enter the requested changes.').waitFor();
    await typed(/^Requested changes/, 'which data?');
    await until(async () => (await said()).at(-1) === 'rejected', 'the rejection');
    await menu(page, row(page, /^v3 /), /^Review/, /^Approve/);
    await choose(page, 'production');
    await typed(/^Comment/, 'tagged now');
    await until(async () => (await said()).at(-1) === 'approved', 'the approval');
    const bo = await teamMate();
    const version = { model: 'iris', version: '3' };
    await (
      await client()
    ).call('POST /models/:model/versions/:version/tag', { ...version, key: 'dataset', value: 'a' });
    const approval = { ...version, stage: 'production', comment: 'looked at the slices' };
    await bo.call('POST /models/:model/versions/:version/approve', approval);
    await expand(page, /^v3 /);
    await expand(page, /^Approvals/);
    await row(page, /^bo approved for production/).waitFor();
    await picture(page, 'approvals');
  });

  test('what passes is promoted, from the stage row on with its gates in the receipt', limit, async () => {
    const { page } = workbench;
    await menu(page, row(page, /^v3 /), /^Promote/);
    await choose(page, 'production');
    await acceptReview(page);
    await page.getByText('All 3 gates passed.').waitFor();
    await picture(page, 'passes');
    await enter(page);
    await toast(page, 'iris production is now v3 (was empty).').waitFor();
    expect(await holder()).toBe(3);
    await clearToasts(page);
  });

  test('a command runs after a person saw it and trusts its file, and the version is deployed', limit, async () => {
    const { page } = workbench;
    await menu(page, row(page, /^v2 /), /^Promote/);
    await choose(page, 'staging');
    await option(page, 'Trust Policy Commands').waitFor();
    await picture(page, 'untrusted');
    await choose(page, 'Trust Policy Commands');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('test -s "$PLINTH_PATH"').waitFor();
    await dialog.getByText('echo serving').waitFor();
    await picture(page, 'trust');
    await dialog.getByRole('button', { name: 'Trust' }).click();
    await acceptReview(page);
    await page.getByText('Gate passed.').waitFor();
    await enter(page);
    await row(page, /^staging → v2/).waitFor();
    await clearToasts(page);
    await page
      .locator('.part.sidebar')
      .getByRole('button', { name: /^Activity Section/ })
      .click();
    await expand(page, /^Today/);
    await row(page, /^deployed iris v2 for staging/).waitFor();
    await page
      .locator('.part.sidebar')
      .getByRole('button', { name: /^Activity Section/ })
      .click();
  });

  test('the MCP server stands in the list of the editor', limit, async () => {
    const { page } = workbench;
    await command(page, 'MCP: List Servers');
    await option(page, 'Plinth').waitFor();
    await picture(page, 'mcp-server');
    await page.keyboard.press('Escape');
  });

  test('going past the gates takes a reason, and stays marked in the tree and on the page', limit, async () => {
    const { page } = workbench;
    await menu(page, row(page, /^v1 /), /^Promote/);
    await choose(page, 'production');
    await option(page, 'Override Gates and Promote').waitFor();
    await choose(page, 'Override Gates and Promote');
    await asked(page, /^Reason/);
    await enter(page);
    await page.getByText('Enter a reason.').waitFor();
    await typed(/^Reason/, 'v3 is down');
    await row(page, /^production → v1 .*gates overridden/).waitFor();
    await clearToasts(page);
    await openFromMenu(page, row(page, /^v1 /), /^Open Version/, (inner) =>
      inner.getByText(/Promoted to production with gates overridden by .*v3 is down/),
    );
    await picture(page, 'bypassed');
  });
});
