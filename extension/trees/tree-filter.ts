import * as vscode from 'vscode';
import type { Version } from '../../daemon/protocol/model.ts';
import { messageOf } from '../../daemon/errors.ts';
import { readAllPages } from '../../daemon/shared/paging.ts';
import { isCondition } from '../../daemon/shared/search/condition.ts';
import type { Service } from '../service.ts';
import type { Options } from './options.ts';

/** A burst of changes is searched once. */
const searchAfterMs = 500;
/** More rows than this help nobody; the rest is found by a narrower condition. */
const maxFound = 2000;

type Found = ReadonlyMap<string, readonly Version[]>;

/** Asks the service which versions the condition in the tree's filter finds, by the grammar of `plinth ls --where`, and asks again when something changes. */
export class TreeFilter implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onChange = this.#changed.event;
  readonly #service: Service;
  readonly #options: Options;
  readonly #listeners: vscode.Disposable;
  #timer: NodeJS.Timeout | undefined;
  /** The condition that `#found` answers, and the event up to which. */
  #asked = '';
  #seq = -1;
  #found: Found | undefined;
  #problem = '';

  constructor(service: Service, options: Options) {
    this.#service = service;
    this.#options = options;
    this.#listeners = vscode.Disposable.from(
      options.onChange(() => this.#search()),
      service.onChange(() => this.#searchLater()),
    );
  }

  /** The versions that the condition found, by model, newest first; undefined without a condition. Empty until the service has answered. */
  get found(): Found | undefined {
    if (!isCondition(this.#options.now.filter)) return undefined;
    return this.#asked === this.#options.now.filter ? (this.#found ?? new Map()) : new Map();
  }

  /** What is wrong with the condition; empty if nothing is. */
  get problem(): string {
    return isCondition(this.#options.now.filter) ? this.#problem : '';
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#listeners.dispose();
    this.#changed.dispose();
  }

  #searchLater(): void {
    const { phase, activity } = this.#service.mirror;
    const isAnswered = this.#asked === this.#options.now.filter && this.#seq === (activity[0]?.seq ?? 0);
    if (phase !== 'running' || isAnswered || !isCondition(this.#options.now.filter)) return;
    this.#timer ??= setTimeout(() => this.#search(), searchAfterMs);
  }

  #search(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const where = this.#options.now.filter;
    if (isCondition(where)) void this.#ask(where);
  }

  async #ask(where: string): Promise<void> {
    this.#seq = this.#service.mirror.activity[0]?.seq ?? 0;
    try {
      const unknown = new Set<string>();
      const page = await this.#service.ifConnected((client) =>
        readAllPages(async (part) => {
          const reply = await client.call('GET /versions', { where, ...part });
          for (const name of reply.unknown) unknown.add(name);
          return reply;
        }, maxFound),
      );
      if (!page || where !== this.#options.now.filter) return;
      this.#found = byModel(page.items);
      const names = [...unknown].join(', ');
      this.#problem = names === '' ? '' : vscode.l10n.t('No version has {0}. Check the name.', names);
    } catch (error) {
      if (where !== this.#options.now.filter) return;
      this.#found = new Map();
      this.#problem = messageOf(error);
    }
    this.#asked = where;
    this.#changed.fire();
  }
}

function byModel(versions: readonly Version[]): Found {
  const newestFirst = versions.toSorted((a, b) => b.number - a.number);
  return Map.groupBy(newestFirst, ({ model }) => model);
}
