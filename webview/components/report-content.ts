import type { ReactiveController, ReactiveControllerHost } from 'lit';
import * as l10n from '@vscode/l10n';
import type { RunReport } from '../../daemon/protocol/lineage.ts';
import {
  parseConfusionMatrix,
  parseNumberTable,
  type ConfusionMatrix,
  type NumberTable,
} from '../../daemon/shared/report-tables.ts';
import { parseCsvTable, type TextTable } from '../../daemon/shared/csv-table.ts';
import { isConfusionMatrix } from '../../daemon/shared/report-files.ts';
import type { ToPage } from '../protocol.ts';
import { host } from './host.ts';
import { HostMessages } from './elements/host-messages.ts';
import { InView } from './elements/in-view.ts';

/** The parts of a stored report of a version that are needed to show it. */
export interface ShownReport extends Pick<RunReport, 'path' | 'kind' | 'digest'> {
  reference: string;
  /** The heading above it. */
  label: string;
}

export type ReportContent =
  | { picture: string }
  | { matrix: ConfusionMatrix }
  | { table: NumberTable }
  | { csv: TextTable }
  | { text: string }
  | { problem: string };

const maxText = 20_000;

/** Requests contents of reports for an element once it is in view, and draws it again when they arrive. */
export class ReportContents implements ReactiveController {
  readonly #element: ReactiveControllerHost & HTMLElement;
  readonly #wanted: () => readonly ShownReport[];
  /** Reports that were asked for, by their key. */
  readonly #asked = new Map<string, ShownReport>();
  readonly #found = new Map<string, ReportContent>();
  readonly #view: InView;

  /** `wanted` returns the reports that the element shows at present. */
  constructor(element: ReactiveControllerHost & HTMLElement, wanted: () => readonly ShownReport[]) {
    this.#element = element;
    this.#wanted = wanted;
    element.addController(this);
    this.#view = new InView(element, () => this.#ask());
    new HostMessages(element, (message) => {
      if (message.kind === 'report') void this.#take(message);
    });
  }

  hostUpdated(): void {
    this.#ask();
  }

  /** Returns the content of a report; undefined until it has arrived. */
  of(report: ShownReport): ReportContent | undefined {
    return this.#found.get(keyOf(report));
  }

  /** Runs once for each content. */
  #ask(): void {
    if (!this.#view.wasSeen) return;
    for (const report of this.#wanted()) {
      const key = keyOf(report);
      if (report.kind === 'page' || report.digest === null || this.#asked.has(key)) continue;
      this.#asked.set(key, report);
      host.post({ kind: 'report', reference: report.reference, path: report.path });
    }
  }

  async #take(message: ToPage & { kind: 'report' }): Promise<void> {
    const isMeant = ({ reference, path }: ShownReport): boolean =>
      reference === message.reference && path === message.path;
    // A report that is not shown at this moment may be shown again, and is not asked for twice.
    const report = this.#wanted().find(isMeant) ?? [...this.#asked.values()].findLast(isMeant);
    if (!report) return;
    this.#found.set(keyOf(report), 'problem' in message ? { problem: message.problem } : await contentOf(message));
    this.#element.requestUpdate();
  }
}

function keyOf({ reference, path, digest }: ShownReport): string {
  return `${reference} ${path} ${digest}`;
}

async function contentOf({
  path,
  type,
  bytes,
}: {
  path: string;
  type: string;
  bytes: Uint8Array;
}): Promise<ReportContent> {
  if (type.startsWith('image/')) return { picture: await dataUrl(type, bytes) };
  if (type !== 'text/plain') return { problem: l10n.t('This file is not a picture that can be shown.') };
  const text = new TextDecoder().decode(bytes);
  const matrix = isConfusionMatrix(path) ? parseConfusionMatrix(path, text) : undefined;
  const table = matrix ? undefined : parseNumberTable(path, text);
  if (table) return { table };
  const csv = matrix ? undefined : parseCsvTable(path, text);
  if (csv) return { csv };
  return matrix ? { matrix } : { text: text.length > maxText ? `${text.slice(0, maxText)}…` : text };
}

/** Returns a data: URL. So nothing in a picture runs in the page's origin, wherever it is opened. */
function dataUrl(type: string, bytes: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(reader.result as string));
    reader.addEventListener('error', () => reject(new Error('The picture cannot be read.')));
    reader.readAsDataURL(new Blob([bytes as BlobPart], { type }));
  });
}
