import * as vscode from 'vscode';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Puts `plinth` on the PATH of integrated terminals: a small script that runs our bundle with the editor's own Node. */
export function putOnPath(context: vscode.ExtensionContext, script: string): void {
  const folder = join(context.globalStorageUri.fsPath, 'bin');
  mkdirSync(folder, { recursive: true });
  const electron = process.versions['electron'] === undefined ? '' : 'ELECTRON_RUN_AS_NODE=1 ';
  const shell = `#!/bin/sh\n${electron}exec "${process.execPath}" "${script}" "$@"\n`;
  writeFileSync(join(folder, 'plinth'), shell);
  chmodSync(join(folder, 'plinth'), 0o755);
  writeFileSync(
    join(folder, 'plinth.cmd'),
    `@echo off\r\nset ELECTRON_RUN_AS_NODE=1\r\n"${process.execPath}" "${script}" %*\r\n`,
  );
  context.environmentVariableCollection.persistent = false;
  context.environmentVariableCollection.description = 'plinth on the PATH';
  context.environmentVariableCollection.append('PATH', delimiter + folder);
}
