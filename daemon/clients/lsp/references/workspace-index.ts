import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { openRegular, readWhole } from '../../../runtime/file-reader.ts';
import type { TextRange } from '../../../protocol/code-action.ts';
import { findPaths } from './find-paths.ts';
import { findPlain } from './find-plain.ts';
import { findUris } from './find-uris.ts';
import type { ModelReference, PathReference } from './reference.ts';
import { languageOf } from './references.ts';
import { workspaceFiles } from './workspace-files.ts';

const maxFileBytes = 5 * 1024 * 1024;
const maxFiles = 50_000;
/** References kept of one file. A package lock file has thousands of names with an @. */
const maxInFile = 500;
const readAtOnce = 16;
const maxWaiting = 500;

/** A reference to a model in a workspace file. */
export interface Mention {
  /** Absolute path of the file. */
  file: string;
  /** URI of the document that the ranges refer to: the file, or a cell of the notebook. */
  uri: string;
  reference: ModelReference;
  range: TextRange;
  /** Ranges of the model's name, and of the selector without its separator. */
  modelRange: TextRange;
  selectorRange: TextRange;
}

/** A path from which a workspace file loads a model. */
export interface PathMention {
  file: string;
  uri: string;
  reference: PathReference;
  range: TextRange;
}

/** A cell of an open notebook. */
export interface Cell {
  uri: string;
  language: string | undefined;
  text: string;
}

interface Found {
  mentions: readonly Mention[];
  paths: readonly PathMention[];
}

/**
 * Indexes which workspace files refer to which models, first in the background, then file by file. `name@7` is kept for any name,
 * as the existing models are known only at a query.
 */
export class WorkspaceIndex {
  readonly #files = new Map<string, Found>();
  #byModel: Map<string, Mention[]> | undefined;
  readonly #waiting: { file: string; turn: number; resolve: () => void }[] = [];
  /** Number of each file's latest reading. Results of earlier ones are dropped. */
  readonly #turns = new Map<string, number>();
  #turn = 0;
  #readers = 0;

  /** Indexes all files of these folders. Resolves to their number. */
  async build(folders: readonly string[]): Promise<number> {
    let count = 0;
    const batch: Promise<void>[] = [];
    for (const folder of folders) {
      for await (const file of workspaceFiles(folder, maxFiles)) {
        count += 1;
        batch.push(this.read(file));
        if (batch.length >= maxWaiting) await Promise.all(batch.splice(0));
      }
    }
    await Promise.all(batch);
    return count;
  }

  /** Reads a file again. One that is gone, too large or of another kind is dropped. Thousands of files may be requested together. */
  read(file: string): Promise<void> {
    this.#turn += 1;
    this.#turns.set(file, this.#turn);
    const turn = this.#turn;
    return new Promise((resolve) => {
      this.#waiting.push({ file, turn, resolve });
      if (this.#readers < readAtOnce) void this.#readWaiting();
    });
  }

  async #readWaiting(): Promise<void> {
    this.#readers += 1;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      const text = await textOf(next.file);
      if (this.#turns.get(next.file) === next.turn) this.#took(next.file, text);
      next.resolve();
    }
    this.#readers -= 1;
  }

  #took(file: string, text: string | undefined): void {
    if (text === undefined) this.forget(file);
    else this.take(file, text);
  }

  /** Indexes the text of a file that an editor has open, which overrides the one on disk. */
  take(file: string, text: string): void {
    this.#keep(file, mentionsIn({ file, uri: pathToFileURL(file).href, language: languageOf(file), text }));
  }

  /** Indexes the cells of an open notebook in place of the notebook's file. */
  takeCells(file: string, cells: readonly Cell[]): void {
    const found = cells.map((cell) => mentionsIn({ file, ...cell }));
    this.#keep(file, {
      mentions: found.flatMap(({ mentions }) => mentions),
      paths: found.flatMap(({ paths }) => paths),
    });
  }

  #keep(file: string, found: Found): void {
    this.#turns.delete(file);
    if (found.mentions.length + found.paths.length === 0) return this.forget(file);
    this.#files.set(file, found);
    this.#byModel = undefined;
  }

  forget(file: string): void {
    this.#turns.delete(file);
    if (this.#files.delete(file)) this.#byModel = undefined;
  }

  mentions(model: string): readonly Mention[] {
    this.#byModel ??= Map.groupBy(
      [...this.#files.values()].flatMap((found) => found.mentions),
      ({ reference }) => reference.model,
    );
    return this.#byModel.get(model) ?? [];
  }

  paths(): PathMention[] {
    return [...this.#files.values()].flatMap((found) => found.paths);
  }

  /** Returns every mention that is a URI or whose model `isModel` knows. */
  all(isModel: (name: string) => boolean): Mention[] {
    const mentions = [...this.#files.values()].flatMap((found) => found.mentions);
    return mentions.filter(({ reference }) => reference.form === 'uri' || isModel(reference.model));
  }
}

async function textOf(file: string): Promise<string | undefined> {
  await setImmediate();
  try {
    if (languageOf(file) === undefined) return undefined;
    const bytes = readWhole(openRegular(file), maxFileBytes);
    return mayMention(bytes) ? bytes.toString('utf8') : '';
  } catch {
    return undefined;
  }
}

function mayMention(bytes: Buffer): boolean {
  return ['@', 'models:/', 'load', 'from_pretrained', 'Session(', 'model_file'].some((word) => bytes.includes(word));
}

/** Lock files, which are full of package names with versions. */
const lockFile = /^(package-lock\.json|yarn\.lock|pnpm-lock\.yaml|plinth\.lock)$/;

function mentionsIn({ file, uri, language, text }: Cell & { file: string }): Found {
  if (lockFile.test(basename(file))) return { mentions: [], paths: [] };
  const uris = findUris(text, maxInFile);
  const taken = new Set(uris.map(({ modelStart }) => modelStart));
  const plain = findPlain(text, () => true, maxInFile).filter(({ modelStart }) => !taken.has(modelStart));
  const paths = language === 'python' ? findPaths(text, maxInFile) : [];
  if (uris.length + plain.length + paths.length === 0) return { mentions: [], paths: [] };
  const document = TextDocument.create('', '', 0, text);
  const range = (start: number, end: number): TextRange => ({
    start: document.positionAt(start),
    end: document.positionAt(end),
  });
  const mentions = [...uris, ...plain].map((reference) => ({
    file,
    uri,
    reference,
    range: range(reference.start, reference.end),
    modelRange: range(reference.modelStart, reference.modelEnd),
    selectorRange: range(reference.selectorStart, reference.selectorEnd),
  }));
  return {
    mentions,
    paths: paths.map((reference) => ({ file, uri, reference, range: range(reference.start, reference.end) })),
  };
}
