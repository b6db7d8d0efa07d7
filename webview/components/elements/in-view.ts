import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Calls `came` each time an element was put into the page and then comes into view, once. */
export class InView implements ReactiveController {
  readonly #element: ReactiveControllerHost & HTMLElement;
  readonly #came: () => void;
  readonly #near: string;
  #observer: IntersectionObserver | undefined;
  #isInView = false;

  /** `near`: how far outside of the window counts as in view, such as `200px`. */
  constructor(element: ReactiveControllerHost & HTMLElement, came: () => void, near = '0px') {
    this.#element = element;
    this.#came = came;
    this.#near = near;
    element.addController(this);
  }

  /** True once the element came into view, also after it left it. */
  get wasSeen(): boolean {
    return this.#isInView;
  }

  hostConnected(): void {
    this.#observer = new IntersectionObserver((entries) => this.#see(entries), { rootMargin: this.#near });
    this.#observer.observe(this.#element);
  }

  hostDisconnected(): void {
    this.#observer?.disconnect();
  }

  #see(entries: readonly IntersectionObserverEntry[]): void {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    this.#observer?.disconnect();
    this.#isInView = true;
    this.#came();
  }
}
