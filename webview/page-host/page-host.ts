import type { Json } from '../../daemon/protocol/json.ts';
import type { ReportRef } from '../../daemon/protocol/lineage.ts';
import type { Pointer, PointerRef, Run, Version } from '../../daemon/protocol/model.ts';
import type { PolicyDraft } from '../../daemon/protocol/policy.ts';
import type { Points } from '../../daemon/protocol/series.ts';
import type { Call } from './load-view.ts';
import type { FromPage, PageLocation, ToPage, View } from '../protocol.ts';

/** Sent with every view: the user's rights, language and settings, in their current state. */
export type Presentation = Omit<ToPage & { kind: 'render' }, 'kind' | 'view' | 'editor'>;

export type SavedFile = Omit<FromPage & { kind: 'save' }, 'kind'>;

/** What the page controller needs from the program that shows the page: VS Code or a browser. */
export interface PageHost {
  /** Sends a request because of the user, and may start the service. */
  readonly call: Call;
  /** Sends a request because of a redraw. Never starts a service that was stopped. */
  readonly callInBackground: Call;
  readPoints(versions: readonly string[], metric: string, points: number): Promise<Points[]>;
  readReport(of: ReportRef): Promise<{ type: string; bytes: Uint8Array }>;
  /** Shows a report as a document of its own, in which no script runs. */
  openReport(of: ReportRef): Promise<void>;
  post(message: ToPage): void;
  presentation(): Presentation;
  /** Adds to a view what only this program knows. */
  complete?(view: View): View;
  /** Returns true when this page will show `next`; otherwise another page was opened for it. */
  open(next: PageLocation, current: PageLocation): Promise<boolean>;
  /** Called when the location of the page names other details of what it shows already. */
  relocated?(location: PageLocation): void;
  /** Returns an address that opens the page. */
  linkTo(location: PageLocation): string;
  reportError(text: string): void;
  /** Remembers a setting for the pages of this user; null forgets it. */
  keep(key: string, value: Json): void;
  copyText(text: string): Promise<void>;
  saveFile(file: SavedFile): Promise<void>;
  /** Saves a file of a version where the user wants it. Throws if it does not arrive whole. */
  downloadFile(file: VersionFile): Promise<void>;
  showText(path: string, text: string): Promise<void>;
  readonly dialogs: PageDialogs;
  /** Absent outside an editor. Pages offer these actions only when it is present. */
  readonly editor?: EditorActions;
}

export type ReviewAction = 'askApproval' | 'approve' | 'reject';

/** The host's own dialogs. Each does what the user decides in it. */
export interface PageDialogs {
  promote(reference: string): Promise<void>;
  review(action: ReviewAction, reference: string, pointer: PointerRef): Promise<void>;
  rollBack(model: string, pointer: Pointer): Promise<void>;
  /** Returns the reference of the chosen version or running run; undefined when none was chosen. */
  pickVersion(versions: readonly Version[], runs: readonly Run[]): Promise<string | undefined>;
  editCard(model: string): Promise<void>;
  editTags(reference: string): Promise<void>;
}

/** A file of a version, by its path in the manifest. */
export type VersionFile = CapturedRef;

/** A text that was captured with a version, by its path there. */
export interface CapturedRef {
  model: string;
  version: string;
  path: string;
}

export interface EditorActions {
  showDifferences(baseline: string, candidate: string): Promise<void>;
  findReferences(model: string): Promise<void>;
  exportComparison(versions: readonly string[]): Promise<void>;
  /** Opens the diff editor for one text that was captured with two versions. */
  showTextDifference(name: string, before: CapturedRef, after: CapturedRef): Promise<void>;
  /** Opens the file with the changed text, which the user reviews and saves. */
  editPolicy(draft: PolicyDraft): Promise<void>;
}
