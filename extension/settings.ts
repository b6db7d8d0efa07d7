import * as vscode from 'vscode';

/** The value of `plinth.<name>`, as the person set it or as the manifest has it. */
export function setting<T>(name: string, fallback: T): T {
  return vscode.workspace.getConfiguration('plinth').get(name, fallback);
}
