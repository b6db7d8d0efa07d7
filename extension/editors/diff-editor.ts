import * as vscode from 'vscode';
import type { ManifestFile, Version } from '../../daemon/protocol/model.ts';
import type { CapturedRef } from '../../webview/page-host/page-host.ts';
import { readReference } from '../pick.ts';
import type { Extension } from '../context.ts';
import { referenceTo } from '../../daemon/shared/references.ts';
import { capturedUri, filesUri, texts, textUri } from '../version-uris.ts';

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
  const captured = await capturedDifferences(extension, baseline, candidate);
  const title = `${baseline.model} v${baseline.number} ↔ v${candidate.number}`;
  await vscode.commands.executeCommand('vscode.changes', title, [...about, ...captured, ...files]);
}

/** Returns the digests of a version's text files, by path. */
async function textFiles(extension: Extension, { model, number, primary }: Version): Promise<Map<string, string>> {
  const request = { model, version: String(number) };
  const { files } = await extension.service.call('GET /models/:model/versions/:version', request);
  const isText = ({ path, size }: ManifestFile): boolean =>
    size <= maxTextBytes && textFile.test(path === '' ? primary : path);
  return new Map(files.filter(isText).map(({ path, sha256 }) => [path === '' ? primary : path, sha256]));
}

/** Returns the captured texts that differ, paired as the comparison pairs them, because each run has paths of its own. */
async function capturedDifferences(
  extension: Extension,
  baseline: Version,
  candidate: Version,
): Promise<(vscode.Uri | undefined)[][]> {
  const sides = [baseline, candidate];
  const versions = sides.map(({ model, number }) => referenceTo(model, number)).join(',');
  const { config } = await extension.service.call('GET /compare', { versions });
  const paths = await Promise.all(sides.map((version) => capturedPaths(extension, version)));
  return config
    .filter(({ differs }) => differs)
    .map(({ values }) => {
      const [left, right] = sides.map((version, side) => {
        const digest = values[side];
        const path = typeof digest === 'string' ? paths[side]?.get(digest) : undefined;
        return path === undefined ? undefined : capturedUri(version, path);
      });
      return [right ?? left, left, right];
    });
}

/** Returns the paths of a version's captured texts, by digest. */
async function capturedPaths(extension: Extension, { model, number }: Version): Promise<Map<string, string>> {
  const request = { model, version: String(number) };
  const { lineage } = await extension.service.call('GET /models/:model/versions/:version', request);
  return new Map(lineage?.captured.map(({ path, digest }) => [digest, path]));
}

/** Opens the diff editor for one captured text of two versions. */
export async function showTextDifference(name: string, before: CapturedRef, after: CapturedRef): Promise<void> {
  const [left, right] = [before, after].map(({ model, version, path }) =>
    capturedUri({ model, number: Number(version) }, path),
  );
  const title = `${name}: ${referenceTo(before.model, before.version)} ↔ ${referenceTo(after.model, after.version)}`;
  await vscode.commands.executeCommand('vscode.diff', left, right, title);
}
