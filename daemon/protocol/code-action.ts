/** The extension's one command for what is offered beside a reference in code; its only argument is a `ReferenceAct`. */
export const referenceCommand = 'plinth.reference';

/** Lines and characters from 0, characters in UTF-16 units, as the language server protocol counts. */
export interface TextRange {
  start: { line: number; character: number };
  end: { line: number; character: number };
}

/** Something to be done about a reference. */
export type ReferenceAct =
  /** Opens the page of a version, or of the model where none is named. */
  | { act: 'open'; model: string; version?: string }
  /** `model@number`, the baseline first. */
  | { act: 'compare'; versions: string[] }
  | { act: 'history'; model: string }
  /** Puts another text in a document's place. `version` is the document's when it was offered; null where it is not known. */
  | { act: 'replace'; uri: string; version: number | null; range: TextRange; text: string }
  | { act: 'set-alias'; model: string; alias: string; number: number }
  | { act: 'rename-model'; from: string; to: string }
  /** Gives the holder of one alias another name. */
  | { act: 'rename-alias'; model: string; from: string; to: string };

/** Notification of the language server after it proposed new names in texts: the registry has the old one still. */
export const renamingNotification = 'plinth/renaming';
export type Renaming = ReferenceAct & { act: 'rename-model' | 'rename-alias' };

/** Notification of the client: the person trusts the workspace from now on. */
export const trustedNotification = 'plinth/trusted';

/** A request of the client: which references of this workspace name a model, and by which stage, alias or number. */
export const consumersRequest = 'plinth/consumers';

export interface Consumer {
  /** URI of the file. */
  uri: string;
  range: TextRange;
  /** What follows the model: `/7`, `@champion`; empty where nothing does. */
  suffix: string;
  /** Number of the version that it leads to now; null where none. */
  number: number | null;
}

/** What the extension tells the server at its start; other editors need none of it. */
export interface ServerOptions {
  /** Absolute; the platform's where it is left out. */
  dataFolder?: string;
  /** Whether links may name `referenceCommand`. */
  commands?: boolean;
  features?: Partial<Features>;
  /** Whether the person trusts the workspace's files; true where it is left out. */
  trusted?: boolean;
}

/** What a person can switch off: the settings `plinth.editor.*`. */
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
