/** The extension's command for actions on a reference in code. Its only argument is a `ReferenceAct`. */
export const referenceCommand = 'plinth.reference';

/** A range of text. Lines and characters count from 0, characters in UTF-16 units, as in the language server protocol. */
export interface TextRange {
  start: { line: number; character: number };
  end: { line: number; character: number };
}

/** An action on a reference. */
export type ReferenceAct =
  /** Opens the page of a version, or of the model without `version`. */
  | { act: 'open'; model: string; version?: string }
  /** Compares versions, `model@number`, the baseline first. */
  | { act: 'compare'; versions: string[] }
  | { act: 'history'; model: string }
  /** Replaces text in a document. `version`: the document's version when this was offered; null if unknown. */
  | { act: 'replace'; uri: string; version: number | null; range: TextRange; text: string }
  | { act: 'set-alias'; model: string; alias: string; number: number }
  | { act: 'rename-model'; from: string; to: string }
  /** Points another alias to the version of an alias, and removes the old alias. */
  | { act: 'rename-alias'; model: string; from: string; to: string };

/** Notification of the language server after it has renamed references in files. The registry still has the old name. */
export const renamingNotification = 'plinth/renaming';
export type Renaming = ReferenceAct & { act: 'rename-model' | 'rename-alias' };

/** Notification of the client that the user trusts the workspace from now on. */
export const trustedNotification = 'plinth/trusted';

/** Request of the client for the references of this workspace to a model. */
export const consumersRequest = 'plinth/consumers';

export interface Consumer {
  /** URI of the file. */
  uri: string;
  range: TextRange;
  /** Part after the model: `/7`, `@champion`; empty if there is none. */
  suffix: string;
  /** Number of the version that it resolves to now; null for none. */
  number: number | null;
}

/** Options that the extension sends to the language server at its start; other editors need none of them. */
export interface ServerOptions {
  /** Absolute path; by default the platform's data folder. */
  dataFolder?: string;
  /** True if links may use `referenceCommand`. */
  commands?: boolean;
  features?: Partial<Features>;
  /** False if the user does not trust the workspace's files; true by default. */
  trusted?: boolean;
}

/** Features that the user can switch off by the settings `plinth.editor.*`. */
export interface Features {
  hover: boolean;
  completion: boolean;
  diagnostics: boolean;
  inlayHints: boolean;
  codeLens: boolean;
  references: boolean;
}

export const allFeatures: Features = {
  hover: true,
  completion: true,
  diagnostics: true,
  inlayHints: true,
  codeLens: true,
  references: true,
};
