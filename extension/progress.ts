import * as vscode from 'vscode';
import { Unavailable } from '../daemon/clients/client/unavailable.ts';
import type { Service } from './service.ts';
import { unlessSilent, type SignsOfLife } from './silence.ts';

const tickMs = 1000;
const askAfterTicks = 5;
const silentAfterTicks = 30;

/** Shows the progress of work of the service in the view, not in a notification. Throws `Unavailable` if the service falls silent. */
export async function working<T>(service: Service, title: string, act: () => Promise<T>): Promise<T> {
  return showProgress(service, { location: { viewId: 'plinth.models' }, title }, act);
}

/** Like `working`, in the status bar, for work of which nothing is seen in the view. */
export async function workingInStatusBar<T>(service: Service, title: string, act: () => Promise<T>): Promise<T> {
  return showProgress(service, { location: vscode.ProgressLocation.Window, title }, act);
}

/** Ends with a sentence when the service says nothing for long, instead of turning forever. What was asked for may still happen. */
function showProgress<T>(service: Service, options: vscode.ProgressOptions, act: () => Promise<T>): Thenable<T> {
  return vscode.window.withProgress(options, () => unlessSilent(act(), signsOfLife(service), silent));
}

function signsOfLife(service: Service): SignsOfLife {
  return {
    onMessage: (heard) => {
      const listener = service.onMessage(heard);
      return () => listener.dispose();
    },
    ask: async () => {
      const answer = await service.ifConnected((client) => client.call('GET /roots', {}));
      if (answer === undefined) throw new Unavailable('');
    },
    tickMs,
    askAfterTicks,
    silentAfterTicks,
  };
}

function silent(): Unavailable {
  const seconds = (silentAfterTicks * tickMs) / 1000;
  return new Unavailable(
    vscode.l10n.t(
      'The registry service has said nothing for {0} seconds. What you asked for may still happen.',
      seconds,
    ),
  );
}
