import type { FromPage, PageState } from '../protocol.ts';

/** Whoever shows the page: VS Code's extension, or the small one of a browser. */
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

/** Looked for when it is first needed: a browser's own is made by a module that imports this one. */
function real(): Host {
  return (found ??= globalThis.plinthHost ?? fromVsCode());
}

export const host: Host = {
  post: (message) => real().post(message),
  state: () => real().state(),
  remember: (state) => real().remember(state),
};
