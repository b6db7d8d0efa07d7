import * as vscode from 'vscode';
import { request } from 'node:http';
import type { Client } from '../../daemon/clients/client/request.ts';
import type { VersionDetail } from '../../daemon/protocol/routes/versions.ts';
import type { Service } from '../service.ts';
import { parseVersionUri, scheme, texts, type VersionPath } from '../version-uris.ts';
import { textOf } from './version-documents.ts';

/** Larger files are not opened in an editor; the person can export them. */
const maxBytes = 50_000_000;
const maxKept = 200;

/** Provides the texts about versions, and their files, as a read-only file system. VS Code reads open files at any time. */
export function registerFiles(service: Service): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  const kept = new Map<string, { bytes: Uint8Array; at: number }>();
  const readText = async (uri: vscode.Uri, versionPath: VersionPath): Promise<{ bytes: Uint8Array; at: number }> => {
    const bytes = new TextEncoder().encode(await contentOf(service, uri, versionPath));
    const before = kept.get(uri.toString());
    if (before && Buffer.compare(before.bytes, bytes) === 0) return before;
    if (kept.size >= maxKept) kept.clear();
    const now = { bytes, at: Date.now() };
    kept.set(uri.toString(), now);
    return now;
  };
  const provider: vscode.FileSystemProvider = {
    onDidChangeFile: changed.event,
    watch: () => new vscode.Disposable(() => undefined),
    stat: async (uri) => {
      const versionPath = parseVersionUri(uri);
      if (versionPath.file !== undefined || versionPath.text === '') return statOf(service, uri, versionPath);
      const { bytes, at } = await readText(uri, versionPath);
      return stat(vscode.FileType.File, at, bytes.length);
    },
    readDirectory: async (uri) => entriesOf(await detailOf(service, parseVersionUri(uri)), parseVersionUri(uri)),
    readFile: async (uri) => {
      const versionPath = parseVersionUri(uri);
      return versionPath.file === undefined
        ? (await readText(uri, versionPath)).bytes
        : readFile(service, uri, versionPath);
    },
    createDirectory: refuse,
    writeFile: refuse,
    delete: refuse,
    rename: refuse,
  };
  const options = { isReadonly: true, isCaseSensitive: true };
  return vscode.Disposable.from(
    changed,
    vscode.workspace.registerFileSystemProvider(scheme, provider, options),
    notifyOpenTexts(service, changed),
  );
}

/** Makes VS Code read open texts again after an event of their model. */
function notifyOpenTexts(service: Service, changed: vscode.EventEmitter<vscode.FileChangeEvent[]>): vscode.Disposable {
  let last = service.mirror.asOf;
  return service.onChange(({ asOf }) => {
    if (asOf === last) return;
    last = asOf;
    const open = vscode.workspace.textDocuments.filter(
      ({ uri }) => uri.scheme === scheme && !uri.path.includes('/files/'),
    );
    if (open.length > 0) changed.fire(open.map(({ uri }) => ({ type: vscode.FileChangeType.Changed, uri })));
  });
}

function refuse(uri: vscode.Uri): never {
  throw vscode.FileSystemError.NoPermissions(uri);
}

async function detailOf(service: Service, { model, version }: VersionPath): Promise<VersionDetail> {
  return service.callInBackground((client) => client.call('GET /models/:model/versions/:version', { model, version }));
}

async function contentOf(service: Service, uri: vscode.Uri, versionPath: VersionPath): Promise<string> {
  if (versionPath.captured !== undefined) {
    const { model, version, captured: path } = versionPath;
    const route = 'GET /models/:model/versions/:version/captured';
    return (await service.callInBackground((client) => client.call(route, { model, version, path }))).text;
  }
  const text = textOf(await detailOf(service, versionPath), versionPath.text);
  if (text === undefined) throw vscode.FileSystemError.FileNotFound(uri);
  return text;
}

interface Entry {
  name: string;
  size: number;
}

function filesOf({ version, files }: VersionDetail): Entry[] {
  return files.map(({ path, size }) => ({ name: path === '' ? version.primary : path, size }));
}

async function statOf(service: Service, uri: vscode.Uri, versionPath: VersionPath): Promise<vscode.FileStat> {
  const detail = await detailOf(service, versionPath);
  const { createdAt } = detail.version;
  const { file = '' } = versionPath;
  const entry = filesOf(detail).find(({ name }) => name === file);
  if (entry) return stat(vscode.FileType.File, createdAt, entry.size);
  if (file !== '' && !filesOf(detail).some(({ name }) => name.startsWith(`${file}/`)))
    throw vscode.FileSystemError.FileNotFound(uri);
  return stat(vscode.FileType.Directory, createdAt, 0);
}

function stat(type: vscode.FileType, at: number, size: number): vscode.FileStat {
  return { type, ctime: at, mtime: at, size, permissions: vscode.FilePermission.Readonly };
}

function entriesOf(detail: VersionDetail, { file }: VersionPath): [string, vscode.FileType][] {
  const { File, Directory } = vscode.FileType;
  if (file === undefined)
    return [...texts.map((name): [string, vscode.FileType] => [name, File]), ['files', Directory]];
  const prefix = file === '' ? '' : `${file}/`;
  const inside = filesOf(detail).filter(({ name }) => name.startsWith(prefix));
  const parts = inside.map(({ name }) => name.slice(prefix.length).split('/'));
  return [...new Map(parts.map(([first = '', ...deeper]) => [first, deeper.length > 0 ? Directory : File]))];
}

async function readFile(service: Service, uri: vscode.Uri, versionPath: VersionPath): Promise<Uint8Array> {
  const { type, size } = await statOf(service, uri, versionPath);
  if (type === vscode.FileType.Directory) throw vscode.FileSystemError.FileIsADirectory(uri);
  if (size > maxBytes)
    throw vscode.FileSystemError.Unavailable(
      vscode.l10n.t('The file is too large for an editor. Export the version instead.'),
    );
  return service.callInBackground((client) => download(client, versionPath));
}

/** Downloads a file by version and manifest name. Its hash is checked while it streams, and no path on disk is sent. */
function download({ daemon }: Client, { model, version, file = '' }: VersionPath): Promise<Uint8Array> {
  const name = file.split('/').map(encodeURIComponent).join('/');
  const path = `/models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version)}/files/${name}`;
  const headers = { authorization: `Bearer ${daemon.token}`, 'x-plinth-client': 'vscode' };
  return new Promise((resolve, reject) => {
    const failed = (): void =>
      reject(
        vscode.FileSystemError.Unavailable(
          vscode.l10n.t('{0} cannot be read. Run Verify Integrity for details.', file),
        ),
      );
    const sent = request({ host: '127.0.0.1', port: daemon.port, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', failed);
      response.on('end', () =>
        response.statusCode === 200 && response.complete ? resolve(Buffer.concat(chunks)) : failed(),
      );
    });
    sent.on('error', failed);
    sent.end();
  });
}
