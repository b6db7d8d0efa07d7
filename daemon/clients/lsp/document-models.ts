import { fileURLToPath } from 'node:url';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Features } from '../../protocol/code-action.ts';
import { candidates, type Identifier } from './references/identify.ts';
import type { Reference } from './references/reference.ts';
import { findReferences } from './references/references.ts';
import { formerReferences, type Registry } from './mirror/reducer.ts';
import type { Scene } from './document-model.ts';
import type { GateLookup } from './gate-reports.ts';

/** Returns the file of a URI; for a notebook cell, the notebook. Undefined for a document that was never saved. */
export function fileOf(uri: string): string | undefined {
  const [place] = uri.replace(/^vscode-notebook-cell:/, 'file:').split('#');
  try {
    return place?.startsWith('file:/') ? fileURLToPath(place) : undefined;
  } catch {
    return undefined;
  }
}

export interface Given {
  registry: () => Registry;
  features: () => Features;
  commands: () => boolean;
  folders: () => readonly string[];
  identifier: Identifier;
  gates: GateLookup;
  uses: (model: string) => number;
  lock: (file: string) => Scene['lock'];
}

/** Creates scenes of documents. The references found in one are cached until its text or the names of models change. */
export class Scenes {
  readonly #given: Given;
  readonly #found = new Map<string, { version: number; references: readonly Reference[] }>();
  #names: ReadonlySet<string> = new Set();

  constructor(given: Given) {
    this.#given = given;
  }

  /** Drops cached references if the names of models have changed. */
  renew(): void {
    const registry = this.#given.registry();
    const names = new Set([...registry.models.keys(), ...formerReferences(registry).names.keys()]);
    if (names.size === this.#names.size && [...names].every((name) => this.#names.has(name))) return;
    this.#names = names;
    this.#found.clear();
  }

  of(document: TextDocument): Scene {
    const { registry, features, commands, folders, identifier, gates, uses, lock } = this.#given;
    const file = fileOf(document.uri);
    return {
      document,
      references: this.#references(document),
      registry: registry(),
      now: Date.now(),
      features: features(),
      commands: commands(),
      identified: ({ path }) => (file === undefined ? undefined : identifier.lookUp(candidates(path, file, folders()))),
      lock: file === undefined ? undefined : lock(file),
      gates,
      uses,
    };
  }

  forget(uri: string): void {
    this.#found.delete(uri);
  }

  #references(document: TextDocument): readonly Reference[] {
    const known = this.#found.get(document.uri);
    if (known?.version === document.version) return known.references;
    const references = findReferences(document.getText(), document.languageId, (name) => this.#names.has(name));
    this.#found.set(document.uri, { version: document.version, references });
    return references;
  }
}
