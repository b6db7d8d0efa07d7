import type { FromPage, PageState } from '../protocol.ts';

/** The program that shows the page: VS Code's extension, or the browser's host. */
export interface Host {
  post(message: FromPage): void;
  state(): PageState | undefined;
  remember(state: PageState): void;
}

declare function acquireVsCodeApi(): {
  postMessage(message: FromPage): void;
  getState(): PageState | undefined;
  setState(state: PageState): void;
};

declare global {
  var plinthHost: Host | undefined;
}

function fromVsCode(): Host {
  const vscode = acquireVsCodeApi();
  return {
    post: (message) => vscode.postMessage(message),
    state: () => vscode.getState(),
    remember: (state) => vscode.setState(state),
  };
}

let found: Host | undefined;

/** Returns the host, found when it is first needed, because the module that creates a browser's host imports this one. */
function currentHost(): Host {
  return (found ??= globalThis.plinthHost ?? fromVsCode());
}

export const host: Host = {
  post: (message) => currentHost().post(message),
  state: () => currentHost().state(),
  remember: (state) => currentHost().remember(state),
};
