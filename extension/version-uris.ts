import * as vscode from 'vscode';
import type { Version } from '../daemon/protocol/model.ts';

export const scheme = 'plinth';

/** The parts of a version that can be compared as texts. */
export const texts = ['params.json', 'metrics.json', 'facts.json', 'files.json'] as const;
export type Text = (typeof texts)[number] | 'version.json';

type Which = Pick<Version, 'model' | 'number'>;

/** Returns the URI of a text about a version. The version is in the query, so that both sides of a comparison have the same path. */
export function textUri(version: Which, text: Text): vscode.Uri {
  return vscode.Uri.from({ scheme, path: `/${version.model}/${text}`, query: String(version.number) });
}

/** Returns the URI of a version's file, or of its folder. */
export function filesUri(version: Which, path = ''): vscode.Uri {
  return vscode.Uri.from({ scheme, path: `/${version.model}/files/${path}`, query: String(version.number) });
}

/** Returns the URI of a text that was captured with a version, by its path there. */
export function capturedUri(version: Which, path: string): vscode.Uri {
  return vscode.Uri.from({ scheme, path: `/${version.model}/captured/${path}`, query: String(version.number) });
}

export interface VersionPath {
  model: string;
  version: string;
  /** Name of a text; empty for the folder of all texts. */
  text: string;
  /** Path within the version's files, empty for their folder; undefined when the URI names a text. */
  file: string | undefined;
  /** Path of a captured text; undefined when the URI names another text or a file. */
  captured?: string;
}

/** Parses a `plinth:` URI. This is the inverse of `textUri`, `filesUri` and `capturedUri`. */
export function parseVersionUri({ path, query }: Pick<vscode.Uri, 'path' | 'query'>): VersionPath {
  const [model = '', text = '', ...rest] = path.slice(1).split('/');
  const file = text === 'files' ? rest.join('/').replace(/\/$/, '') : undefined;
  return { model, version: query, text, file, ...(text === 'captured' && { captured: rest.join('/') }) };
}
