import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { ToPage } from '../../protocol.ts';

/** Passes the host's messages to an element as long as it is in the page. */
export class HostMessages implements ReactiveController {
  readonly #hear: (event: MessageEvent<ToPage>) => void;

  constructor(element: ReactiveControllerHost, take: (message: ToPage) => void) {
    this.#hear = ({ data }) => take(data);
    element.addController(this);
  }

  hostConnected(): void {
    window.addEventListener('message', this.#hear);
  }

  hostDisconnected(): void {
    window.removeEventListener('message', this.#hear);
  }
}
