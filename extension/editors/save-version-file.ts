import * as vscode from 'vscode';
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { RegistryError } from '../../daemon/errors.ts';
import type { VersionFile } from '../../webview/page-host/page-host.ts';
import type { Extension } from '../context.ts';

/** Saves a file of a version where the user wants it. It gets its name only when all of it has arrived with its checksum. */
export async function saveVersionFile(extension: Extension, file: VersionFile): Promise<void> {
  const of = { model: file.model, version: file.version };
  const { files, version } = await extension.service.call('GET /models/:model/versions/:version', of);
  const found = files.find(({ path }) => (path === '' ? version.primary : path) === file.path);
  if (!found) throw new RegistryError('not-found', `${file.model} v${version.number} has no file ${file.path}.`);
  const name = basename(file.path);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const target = await vscode.window.showSaveDialog(folder ? { defaultUri: vscode.Uri.joinPath(folder, name) } : {});
  if (!target) return;
  const title = vscode.l10n.t('Downloading {0}…', name);
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  await vscode.window.withProgress(options, (progress, cancelled) => {
    const report = (bytes: number): void => progress.report({ increment: (100 * bytes) / Math.max(1, found.size) });
    return write(extension, file, { target: target.fsPath, sha256: found.sha256, report, cancelled });
  });
}

interface Writing {
  target: string;
  sha256: string;
  report(bytes: number): void;
  cancelled: vscode.CancellationToken;
}

async function write(
  { service }: Extension,
  file: VersionFile,
  { target, sha256, report, cancelled }: Writing,
): Promise<void> {
  const temporary = `${target}.${randomUUID()}.part`;
  const hash = createHash('sha256');
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      report(chunk.length);
      done(null, chunk);
    },
  });
  const stop = new AbortController();
  cancelled.onCancellationRequested(() => stop.abort());
  try {
    const source = await service.callInBackground((client) => client.file(file, file.path));
    await pipeline(source, measure, createWriteStream(temporary), { signal: stop.signal });
    if (hash.digest('hex') !== sha256)
      throw new RegistryError('damaged', `${file.path} arrived damaged. Nothing was saved; try again.`);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    if (!stop.signal.aborted) throw error;
  }
}
