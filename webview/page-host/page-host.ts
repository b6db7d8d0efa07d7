import type { ReportRef } from '../../daemon/protocol/lineage.ts';
import type { Pointer, PointerRef, Run, Version } from '../../daemon/protocol/model.ts';
import type { Points } from '../../daemon/protocol/series.ts';
import type { Call } from './load-view.ts';
import type { FromPage, PageLocation, ToPage, View } from '../protocol.ts';

/** What goes with every view: the user's rights, language and settings, as they are now. */
export type Presentation = Omit<ToPage & { kind: 'render' }, 'kind' | 'view' | 'editor'>;

export type SavedFile = Omit<FromPage & { kind: 'save' }, 'kind'>;

/** What the page controller needs of the program that shows the page: VS Code or a browser. */
export interface PageHost {
  /** Asks the service for the user, and may start it. */
  readonly call: Call;
  /** Asks for a redraw; never starts a service that was stopped. */
  readonly callInBackground: Call;
  readPoints(versions: readonly string[], metric: string, points: number): Promise<Points[]>;
  readReport(of: ReportRef): Promise<{ type: string; bytes: Uint8Array }>;
  /** Shows a report as a document of its own, in which nothing runs. */
  openReport(of: ReportRef): Promise<void>;
  post(message: ToPage): void;
  presentation(): Presentation;
  /** Adds what only this program knows. */
  complete?(view: View): View;
  /** Answers whether this page shows `next` from now on; otherwise another page was opened for it. */
  open(next: PageLocation, current: PageLocation): Promise<boolean>;
  reportError(text: string): void;
  copyText(text: string): Promise<void>;
  saveFile(file: SavedFile): Promise<void>;
  showText(path: string, text: string): Promise<void>;
  readonly dialogs: PageDialogs;
  /** Absent outside an editor; pages offer these actions only where it is there. */
  readonly editor?: EditorActions;
}

export type ReviewAction = 'askApproval' | 'approve' | 'reject';

/** Dialogs of the host's own kind. Each does what the user decides in it. */
export interface PageDialogs {
  promote(reference: string): Promise<void>;
  review(action: ReviewAction, reference: string, pointer: PointerRef): Promise<void>;
  rollBack(model: string, pointer: Pointer): Promise<void>;
  /** The reference of the chosen version or live run; undefined where none was chosen. */
  pickVersion(versions: readonly Version[], runs: readonly Run[]): Promise<string | undefined>;
  editCard(model: string): Promise<void>;
}

export interface EditorActions {
  showDifferences(baseline: string, candidate: string): Promise<void>;
  findReferences(model: string): Promise<void>;
  exportComparison(versions: readonly string[]): Promise<void>;
}
