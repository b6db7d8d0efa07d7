import * as vscode from 'vscode';
import { randomBytes } from 'node:crypto';
import type { Version } from '../../daemon/protocol/model.ts';
import type { Extension } from '../context.ts';
import { comparisonPage } from './compare-page.ts';

type Intent = { kind: 'differences' | 'promote' };

/** Opens the comparison page of these versions, the baseline first. */
export async function openComparison(extension: Extension, versions: readonly Version[]): Promise<void> {
  const references = versions.map((version) => `${version.model}@${version.number}`);
  const comparison = await extension.service.call('GET /compare', { versions: references.join(',') });
  const title = `${versions[0]?.model} ${versions.map(({ number }) => `v${number}`).join(' ↔ ')}`;
  const panel = vscode.window.createWebviewPanel('plinth.compare', title, vscode.ViewColumn.Active, {
    enableScripts: true,
    localResourceRoots: [],
  });
  panel.webview.html = comparisonPage(comparison, randomBytes(16).toString('base64url'));
  panel.webview.onDidReceiveMessage(async ({ kind }: Intent) => {
    const [baseline, candidate] = [versions[0], versions.at(-1)];
    if (!baseline || !candidate) return;
    const subject = { kind: 'version' as const, version: candidate };
    const node = { id: '', label: '', description: '', icon: '', tooltip: '', context: '', subject };
    if (kind === 'promote') await vscode.commands.executeCommand('plinth.promote', node);
    if (kind === 'differences') await vscode.commands.executeCommand('plinth.showPair', baseline, candidate);
  });
}
