import * as vscode from 'vscode';
import { request } from 'node:http';
import type { ManifestFile, Version } from '../daemon/protocol/model.ts';
import type { Service } from './service.ts';

export const filesScheme = 'plinth-files';

/** A version's folder as a read-only file system; the version is in the query, so that two versions have one path. */
export function filesUri(version: Pick<Version, 'model' | 'number'>, path = ''): vscode.Uri {
  return vscode.Uri.from({ scheme: filesScheme, path: `/${version.model}/${path}`, query: String(version.number) });
}

/** Bytes come from the service by version and manifest name, verified while they stream; no path of the disk is named. */
export function registerFiles(service: Service): vscode.Disposable {
  const provider: vscode.FileSystemProvider = {
    onDidChangeFile: new vscode.EventEmitter<vscode.FileChangeEvent[]>().event,
    watch: () => new vscode.Disposable(() => undefined),
    stat: async (uri) => statOf(await place(service, uri)),
    readDirectory: async (uri) => entries(await place(service, uri)),
    readFile: async (uri) => {
      const { file } = await place(service, uri);
      if (!file) throw vscode.FileSystemError.FileIsADirectory(uri);
      return service.withClient((client) => download(client.daemon.port, client.daemon.token, uri));
    },
    createDirectory: refuse,
    writeFile: refuse,
    delete: refuse,
    rename: refuse,
  };
  return vscode.workspace.registerFileSystemProvider(filesScheme, provider, {
    isReadonly: true,
    isCaseSensitive: true,
  });
}

function refuse(uri: vscode.Uri): never {
  throw vscode.FileSystemError.NoPermissions(uri);
}

interface Place {
  uri: vscode.Uri;
  /** Path within the version; empty for its folder. */
  path: string;
  files: (ManifestFile & { name: string })[];
  file: ManifestFile | undefined;
  createdAt: number;
}

async function place(service: Service, uri: vscode.Uri): Promise<Place> {
  const [model = '', ...rest] = uri.path.slice(1).split('/');
  const { version, files } = await service.call('GET /models/:model/versions/:version', { model, version: uri.query });
  const named = files.map((file) => ({ ...file, name: file.path === '' ? version.primary : file.path }));
  const path = rest.join('/').replace(/\/$/, '');
  const file = named.find(({ name }) => name === path);
  if (!file && path !== '' && !named.some(({ name }) => name.startsWith(`${path}/`)))
    throw vscode.FileSystemError.FileNotFound(uri);
  return { uri, path, files: named, file, createdAt: version.createdAt };
}

function statOf({ file, createdAt }: Place): vscode.FileStat {
  const type = file ? vscode.FileType.File : vscode.FileType.Directory;
  return {
    type,
    ctime: createdAt,
    mtime: createdAt,
    size: file?.size ?? 0,
    permissions: vscode.FilePermission.Readonly,
  };
}

function entries({ path, files }: Place): [string, vscode.FileType][] {
  const prefix = path === '' ? '' : `${path}/`;
  const inside = files
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ name }) => name.slice(prefix.length).split('/'));
  const found = new Map(
    inside.map(([first = '', ...deeper]) => [
      first,
      deeper.length > 0 ? vscode.FileType.Directory : vscode.FileType.File,
    ]),
  );
  return [...found];
}

function download(port: number, token: string, uri: vscode.Uri): Promise<Uint8Array> {
  const [model = '', ...rest] = uri.path.slice(1).split('/');
  const path = `/models/${encodeURIComponent(model)}/versions/${uri.query}/files/${rest.map(encodeURIComponent).join('/')}`;
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path, headers: { authorization: `Bearer ${token}` } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          response.statusCode === 200
            ? resolve(Buffer.concat(chunks))
            : reject(vscode.FileSystemError.Unavailable(uri)),
        );
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}
