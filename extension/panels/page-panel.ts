import * as vscode from 'vscode';
import { PageController } from '../../webview/page-host/page-controller.ts';
import type { FromPage, PageLocation } from '../../webview/protocol.ts';
import type { Extension } from '../context.ts';
import { notRunning } from '../service.ts';
import { frame } from './html.ts';
import { titleOf } from './page-location.ts';
import { panelHost } from './panel-host.ts';

interface PanelCallbacks {
  open(location: PageLocation): void;
  /** The panel shows another comparison from now on. */
  moved(location: PageLocation): void;
}

/** Connects a webview panel, its page controller and the service until the panel is closed. */
export function connectPanel(
  extension: Extension,
  panel: vscode.WebviewPanel,
  location: PageLocation,
  callbacks: PanelCallbacks,
): void {
  const { webview } = panel;
  const { service, context } = extension;
  const host = panelHost(extension, {
    post: (message) => void webview.postMessage(message),
    move: (next) => {
      callbacks.moved(next);
      panel.title = titleOf(next);
    },
    openOther: (next) => callbacks.open(next),
    redraw: () => void controller.draw(),
  });
  const controller = new PageController(host, location);
  const subscriptions = vscode.Disposable.from(
    webview.onDidReceiveMessage((message: FromPage) => controller.receive(message)),
    service.onMessage((message) => controller.follow(message)),
    service.onChange(({ phase, problem }) => {
      if (phase === 'running' || phase === 'unknown') controller.connected();
      else controller.disconnected(problem ?? notRunning());
    }),
  );
  panel.onDidDispose(() => {
    controller.close();
    subscriptions.dispose();
  });
  panel.title = titleOf(location);
  webview.html = frame(webview, context.extensionUri);
}
