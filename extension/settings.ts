import * as vscode from 'vscode';

/** Returns the value of `plinth.<name>`: the person's setting, or the manifest's default. */
export function setting<T>(name: string, fallback: T): T {
  return vscode.workspace.getConfiguration('plinth').get(name, fallback);
}
