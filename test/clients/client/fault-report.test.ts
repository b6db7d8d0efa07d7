import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { faultReport, faultReportText } from '../../../daemon/clients/client/fault-report.ts';

function dataFolder(log?: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-report-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'log'));
  if (log !== undefined) writeFileSync(join(folder, 'log', 'daemon.log'), log);
  return folder;
}

const entry = (facts: object): string =>
  `${JSON.stringify({ level: 40, time: 0, msg: 'a folder failed', ...facts })}\n`;

test('a report of a fault quotes the last forty lines of a long log and hides which model they are about', () => {
  const log = Array.from({ length: 5000 }, (_, index) => entry({ model: 'acme-churn', count: index }));
  const report = faultReport({ version: '1.2.3', status: undefined, dataFolder: dataFolder(log.join('')) });
  const text = faultReportText(report);
  expect(report.log?.lines).toHaveLength(40);
  expect(text).toMatch(/model=model-[0-9a-f]{8} count=4999/);
  expect(text).toContain('- version: 1.2.3');
  expect(text).toContain('- running: false');
  expect(text).not.toMatch(/acme|plinth-report-/);
});

test('a report of a fault says why it quotes no log, and takes out a secret that its maker left in', () => {
  const more = { Window: { note: 'password=hunter2hunter2' } };
  const made = (folder: string | undefined): string =>
    faultReportText(faultReport({ version: '1', status: undefined, dataFolder: folder, more }));
  expect(made(undefined)).toContain('runs on another machine');
  expect(made(dataFolder())).toContain('There is no log.');
  expect(made(dataFolder(''))).toContain('No line can be quoted.');
  expect(made(undefined)).not.toContain('hunter2');
});
