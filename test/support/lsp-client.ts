import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type Diagnostic,
  type ProtocolConnection,
} from 'vscode-languageserver/node';
import type { ServerOptions } from '../../daemon/protocol/code-action.ts';
import { marked } from './cursor-markers.ts';
import { mainScript } from './program.ts';

/** An editor that talks to `plinth lsp --stdio` in a process of its own, through the protocol's client library. */
export interface Editor {
  connection: ProtocolConnection;
  /** Opens a document with `‸` at the caret. Returns the position as requests name it. */
  open(file: string, source: string, languageId?: string): Promise<At>;
  /** The last diagnostics of each document. */
  diagnostics: Map<string, Diagnostic[]>;
  /** What the server wrote to its log. */
  log: string[];
  close(): Promise<void>;
}

export interface At {
  textDocument: { uri: string };
  position: { line: number; character: number };
}

export async function editor(
  folder: string,
  dataFolder: string,
  options: ServerOptions = {},
  program = mainScript,
): Promise<Editor> {
  const child = spawn(process.execPath, [program, '--data', dataFolder, 'lsp', '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const diagnostics = new Map<string, Diagnostic[]>();
  const log: string[] = [];
  connection.onNotification('textDocument/publishDiagnostics', (told: { uri: string; diagnostics: Diagnostic[] }) => {
    diagnostics.set(told.uri, told.diagnostics);
  });
  connection.onNotification('window/logMessage', ({ message }: { message: string }) => {
    log.push(message);
  });
  connection.onError(() => undefined);
  connection.listen();
  const close = async (): Promise<void> => {
    await connection.sendRequest('shutdown').catch(() => undefined);
    await connection.sendNotification('exit').catch(() => undefined);
    connection.dispose();
    child.kill();
  };
  const uri = pathToFileURL(folder).href;
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: uri,
    workspaceFolders: [{ uri, name: 'work' }],
    capabilities: { workspace: { workspaceEdit: { documentChanges: true } } },
    initializationOptions: { commands: true, ...options },
  });
  await connection.sendNotification('initialized', {});
  return { connection, diagnostics, log, close, open: (...given) => open(connection, folder, ...given) };
}

async function open(
  connection: ProtocolConnection,
  folder: string,
  file: string,
  source: string,
  languageId = 'python',
): Promise<At> {
  const { text, caret } = marked(source);
  const uri = pathToFileURL(join(folder, file)).href;
  await connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri, languageId, version: 1, text },
  });
  const before = text.slice(0, caret).split('\n');
  return { textDocument: { uri }, position: { line: before.length - 1, character: before.at(-1)?.length ?? 0 } };
}
