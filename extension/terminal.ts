import * as vscode from 'vscode';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { urlOf } from '../daemon/clients/client/address.ts';
import type { Service } from './service.ts';
import { setting } from './settings.ts';

/** Puts `plinth` on the PATH of integrated terminals, as a small script that runs our bundle with the editor's own Node. */
export async function putOnPath(context: vscode.ExtensionContext, script: string): Promise<void> {
  const folder = join(context.globalStorageUri.fsPath, 'bin');
  await mkdir(folder, { recursive: true });
  const electron = process.versions['electron'] === undefined ? '' : 'ELECTRON_RUN_AS_NODE=1 ';
  const shell = `#!/bin/sh\n${electron}exec ${quote(process.execPath)} ${quote(script)} "$@"\n`;
  await writeFile(join(folder, 'plinth'), shell);
  await chmod(join(folder, 'plinth'), 0o755);
  const lines = ['@echo off', 'set ELECTRON_RUN_AS_NODE=1', `"${process.execPath}" "${script}" %*`, ''];
  await writeFile(join(folder, 'plinth.cmd'), lines.join('\r\n'));
  const { environmentVariableCollection: variables } = context;
  variables.persistent = false;
  variables.description = vscode.l10n.t('Puts plinth on the PATH');
  variables.append('PATH', delimiter + folder);
  const dataFolder = setting('dataFolder', '');
  if (dataFolder !== '') variables.replace('PLINTH_DATA', dataFolder);
}

/**
 * Sets the variables by which MLflow's clients in integrated terminals find the registry, as long as the person's settings allow
 * it and a service runs. The token is for MLflow's routes only, and the variables are not kept for the next window.
 */
export function registerMlflowEnvironment(context: vscode.ExtensionContext, service: Service): vscode.Disposable {
  const { environmentVariableCollection: variables } = context;
  let applied = '';
  const applyToTerminals = async (): Promise<void> => {
    const wanted = setting('terminal.injectMlflowEnvironment', false) && vscode.workspace.isTrusted;
    const found = wanted && service.mirror.phase === 'running' ? await mlflowAddress(service) : undefined;
    const [uri, token] = found ?? ['', ''];
    if (applied === uri + token) return;
    applied = uri + token;
    variables.delete('MLFLOW_TRACKING_URI');
    variables.delete('MLFLOW_TRACKING_TOKEN');
    if (!found) return;
    variables.replace('MLFLOW_TRACKING_URI', uri);
    variables.replace('MLFLOW_TRACKING_TOKEN', token);
  };
  let phase = service.mirror.phase;
  const onChange = (): void => void applyToTerminals().catch(() => undefined);
  return vscode.Disposable.from(
    service.onChange((mirror) => {
      if (mirror.phase !== phase) onChange();
      phase = mirror.phase;
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('plinth.terminal')) onChange();
    }),
  );
}

/** Returns address and token; undefined without a service. */
async function mlflowAddress(service: Service): Promise<[string, string] | undefined> {
  return service.ifConnected(async (client) => {
    if (client.daemon.url !== undefined) return [client.daemon.url, client.daemon.token];
    const { token } = await client.call('GET /mlflow', {});
    return [urlOf(client.daemon), token];
  });
}

/** Quotes a text for a POSIX shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
