// Types of the API that the VS Code extension plinth.plinth returns to other extensions. Copy this file into your extension;
// docs/extension-api.md shows how it is used. Nothing in this API changes the registry.
import type { Event } from 'vscode';

/** What `activate` of the extension returns. */
export interface PlinthExtension {
  /** Returns the API of a version. Throws an Error for a version that the installed extension does not have. */
  getApi(version: 1): PlinthApi;
}

/**
 * Version 1 of the API. New members may be added to it; none is changed or removed. A call starts no registry service: if none
 * runs, its promise is rejected with an Error. The message of each Error is a sentence for a person.
 */
export interface PlinthApi {
  readonly version: 1;
  /** True while this window is connected to the registry. */
  readonly isConnected: boolean;
  /** Fires after the registry changed, and after the window was connected to it or lost it. */
  readonly onDidChange: Event<PlinthChange>;
  /** Lists all models, the one that changed last first. */
  getModels(): Promise<PlinthModel[]>;
  /** Lists the versions of a model, the newest first, without deleted ones. */
  getVersions(model: string): Promise<PlinthVersion[]>;
  /**
   * Returns the version that a reference leads to now: `churn@7`, `churn@production`, `churn@champion`, `churn` (the newest),
   * `models:/churn/7`, `models:/churn@champion`.
   */
  resolve(reference: string): Promise<PlinthVersion>;
  /** Verifies the files of a version, and returns where they are on this machine. They are read-only. Takes as long as hashing them. */
  getFiles(reference: string): Promise<PlinthFiles>;
  /** Compares two or more versions with the first of them. */
  compare(references: readonly string[]): Promise<PlinthComparison>;
  /** Opens a page of Plinth in an editor. */
  openPage(page: PlinthPage): Promise<void>;
}

export interface PlinthChange {
  /** The model that changed; undefined if any may have changed. */
  readonly model: string | undefined;
}

export interface PlinthModel {
  readonly name: string;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  /** How many versions it has, without deleted ones. */
  readonly versions: number;
  /** Number of the newest version. */
  readonly latest: number | undefined;
  /** The metric that lists show for the model. */
  readonly primaryMetric: { readonly name: string; readonly better: 'higher' | 'lower' | undefined } | undefined;
  readonly stages: readonly PlinthPointer[];
  readonly aliases: readonly PlinthPointer[];
}

/** A stage or an alias that had a version at some time. */
export interface PlinthPointer {
  readonly name: string;
  /** Number of the current version; undefined for none. */
  readonly version: number | undefined;
}

export interface PlinthVersion {
  readonly model: string;
  readonly number: number;
  /** `churn@7` */
  readonly reference: string;
  /** The URI by which MLflow's clients load it: `models:/churn/7`. */
  readonly uri: string;
  readonly stage: string;
  readonly aliases: readonly string[];
  /** False for a version with damaged files. */
  readonly isIntact: boolean;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  /** `NaN`, `Infinity` and `-Infinity` are texts. */
  readonly metrics: Readonly<Record<string, number | string>>;
  readonly params: Readonly<Record<string, unknown>>;
  /** Such as `sklearn`; empty if unknown. */
  readonly framework: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Who registered it: `ana/cli`. */
  readonly author: string;
  /** SHA-256 over its files: `sha256:…`. Two versions with one digest have the same bytes. */
  readonly digest: string;
  /** Size of its files in bytes. */
  readonly size: number;
}

export interface PlinthFiles {
  readonly version: PlinthVersion;
  /** Absolute path of the file, or of the folder of a version with several files. */
  readonly path: string;
  readonly isFolder: boolean;
  readonly files: readonly { readonly path: string; readonly size: number; readonly sha256: string }[];
}

export interface PlinthComparison {
  /** References of the versions; the first one is the baseline. */
  readonly versions: readonly string[];
  /** One sentence for each version after the baseline. */
  readonly summaries: readonly string[];
  readonly metrics: readonly PlinthDifference[];
  readonly params: readonly PlinthDifference[];
}

export interface PlinthDifference {
  readonly name: string;
  /** One value a version, in their order; null where a version has none. */
  readonly values: readonly unknown[];
  readonly differs: boolean;
  /** Whether a value is better than that of the baseline; null if nobody can say. */
  readonly better: readonly (boolean | null)[];
}

export type PlinthPage =
  | { readonly page: 'model'; readonly model: string }
  | { readonly page: 'version'; readonly reference: string }
  | { readonly page: 'lineage'; readonly reference: string }
  /** Two versions or more, the baseline first. */
  | { readonly page: 'comparison'; readonly references: readonly string[] };
