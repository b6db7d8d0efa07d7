import * as vscode from 'vscode';
import type { ManifestFile, Version } from '../../daemon/protocol/model.ts';
import { readReference } from '../pick.ts';
import type { Extension } from '../context.ts';
import { filesUri, texts, textUri } from '../version-uris.ts';

const textFile = /\.(json|ya?ml|toml|txt|md|csv|cfg|ini|py)$/i;
const maxTextBytes = 500_000;

/** Opens the diff editor for everything that is text: the facts about both versions, and the text files they contain. */
export async function showDifferences(extension: Extension, first: string, second: string): Promise<void> {
  const [baseline, candidate] = await Promise.all([first, second].map((one) => readReference(extension, one)));
  if (!baseline || !candidate) return;
  const about = texts.map((text) => [textUri(candidate, text), textUri(baseline, text), textUri(candidate, text)]);
  const [before, after] = [await textFiles(extension, baseline), await textFiles(extension, candidate)];
  const files = [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => before.get(path) !== after.get(path))
    .map((path) => {
      const left = before.has(path) ? filesUri(baseline, path) : undefined;
      const right = after.has(path) ? filesUri(candidate, path) : undefined;
      return [right ?? left, left, right];
    });
  const title = `${baseline.model} v${baseline.number} ↔ v${candidate.number}`;
  await vscode.commands.executeCommand('vscode.changes', title, [...about, ...files]);
}

/** Returns the digests of a version's text files, by path. */
async function textFiles(extension: Extension, { model, number, primary }: Version): Promise<Map<string, string>> {
  const request = { model, version: String(number) };
  const { files } = await extension.service.call('GET /models/:model/versions/:version', request);
  const isText = ({ path, size }: ManifestFile): boolean =>
    size <= maxTextBytes && textFile.test(path === '' ? primary : path);
  return new Map(files.filter(isText).map(({ path, sha256 }) => [path === '' ? primary : path, sha256]));
}
