import type { Command } from 'commander';
import { findDaemon } from '../../client/discover.ts';
import { connect, type Client } from '../../client/request.ts';
import { assertUsable, configure } from '../../../config.ts';
import type { Daemon } from '../../../daemon.ts';
import { messageOf } from '../../../errors.ts';
import { preferLittleMemory, useAllocatorEnvironment } from '../../../runtime/allocator.ts';
import { exitProcess } from '../../../runtime/worker-thread.ts';
import type { Logger } from '../../../log.ts';
import { startRefusal } from '../../../runtime/start-refusal.ts';
import { exitCodes } from '../../../protocol/handshake.ts';
import type { RegistryEvent } from '../../../protocol/events.ts';
import { shellWord } from '../../../shared/format.ts';
import { commitLines, transientLine, type Surroundings } from '../text/change-feed.ts';
import { portOption, wholeOption } from '../terminal/options.ts';
import { absolute, homePath } from '../paths.ts';
import { jsonText, logFile, type Open, type Session } from '../session.ts';
import { programVersion } from '../program-version.ts';

interface ServeOptions {
  port?: number;
  idle?: number;
  quiet?: boolean;
  newRegistry?: boolean;
  watch?: string[];
}

const stopWithinMs = 5000;

export function serve(program: Command, open: Open): void {
  program
    .command('serve')
    .description('run the registry service in the foreground')
    .option('--port <number>', 'port on 127.0.0.1 (default: the last one used, otherwise any)', portOption)
    .option('--idle <seconds>', 'stop after this many seconds without a client', wholeOption)
    .option('--quiet', 'print nothing')
    .option(
      '--new-registry',
      'start a new registry if the old one is lost (or continue with the one here); keeps every stored file',
    )
    .option('--watch <paths...>', 'folders to watch for training outputs')
    .action((options: ServeOptions) => run(open(), options));
}

async function run(session: Session, options: ServeOptions): Promise<void> {
  useAllocatorEnvironment();
  preferLittleMemory();
  const { startDaemon } = await import('../../../daemon.ts');
  const { dataFolder } = session;
  assertUsable(dataFolder);
  const idleMs = options.idle === undefined ? null : options.idle * 1000;
  const config = configure({
    version: programVersion(),
    dataFolder,
    port: options.port ?? 0,
    idleMs,
    recordsUser: true,
    newRegistry: options.newRegistry === true,
  });
  const isRunning = (await findDaemon(dataFolder)) !== undefined;
  const log = await openLog(dataFolder, isRunning);
  process.on('uncaughtExceptionMonitor', (error) => log.error('crashed', { stack: error.stack }));
  const daemon = await startDaemon(config, log);
  const isStopping = stopOnSignals(daemon);
  const client = connect(daemon.file, 'cli');
  try {
    if (options.quiet !== true) await narrate(session, daemon, client);
    for (const path of options.watch ?? []) await watchRoot(client, path);
  } catch (error) {
    // A service that is stopped while it starts does not reply any more, which is no failure.
    if (!isStopping()) throw error;
  }
  await daemon.stopped;
  exitProcess(exitCodes.ok);
}

/** Opens the log, and creates the data folder with it. Throws a `RegistryError` if the log cannot be written. */
async function openLog(dataFolder: string, isRunning: boolean): Promise<Logger> {
  const { fileLogger, rotateLog } = await import('../file-logger.ts');
  try {
    if (!isRunning) rotateLog(logFile(dataFolder));
    return fileLogger(logFile(dataFolder));
  } catch (error) {
    throw startRefusal(error, dataFolder);
  }
}

/** Watches a folder. An error is printed and does not stop the service. */
async function watchRoot(client: Client, path: string): Promise<void> {
  try {
    await client.call('POST /roots', { path: absolute(path) });
  } catch (error) {
    process.stderr.write(`plinth: ${messageOf(error)}\n`);
  }
}

/** Stops gracefully within 5 s at the first signal; committed data is safe in any case. A second signal exits immediately. */
function stopOnSignals(daemon: Daemon): () => boolean {
  let stopping = false;
  const stop = (): void => {
    if (stopping) exitProcess(exitCodes.failed);
    stopping = true;
    setTimeout(() => exitProcess(exitCodes.ok), stopWithinMs).unref();
    void daemon.stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  return () => stopping;
}

/** Prints the service's address, then one line for each message, in order. */
async function narrate(session: Session, daemon: Daemon, client: Client): Promise<void> {
  const { screen } = session;
  if (session.json) return narrateJson(session, daemon);
  const around: Surroundings = { roots: new Set(), nameOf: modelNames(client) };
  const found = new Map<string, number>();
  const said = new Map<string, string>();
  let last = beginning(session, daemon, client, around);
  const began = last;
  daemon.listen((message) => {
    last = last.then(async () => {
      if (message.kind === 'committed') (await commitLines(message.events, around)).forEach(screen.line);
      else if (message.kind === 'scan') (await foundLines(client, message.root, found)).forEach(screen.line);
      else sayOnce(said, message, transientLine(message, around), screen.line);
    });
    last = last.catch(() => undefined);
  });
  await began;
}

/** Prints a JSON line with the service's address, then one for each message. */
function narrateJson({ screen, dataFolder }: Session, { file, listen }: Daemon): void {
  const { port, pid } = file;
  screen.line(jsonText({ kind: 'started', url: `http://127.0.0.1:${port}`, port, pid, dataFolder }, false));
  listen((message) => screen.line(jsonText(message, false)));
}

async function beginning(session: Session, { file }: Daemon, client: Client, around: Surroundings): Promise<void> {
  const { screen, dataFolder } = session;
  const where = `http://127.0.0.1:${file.port}`;
  screen.line(`Plinth ${file.version} runs at ${where} · data in ${homePath(dataFolder)} · stop with Ctrl+C`);
  const { roots } = await client.call('GET /roots', {});
  for (const { path, state } of roots) {
    around.roots.add(path);
    screen.line(
      state === 'paused' ? `paused ${path}; resume with: plinth resume ${shellWord(path)}` : `watching ${path}`,
    );
  }
}

/** Returns a line with the number of existing files that wait for the user, if a scan has changed it. */
async function foundLines(client: Client, path: string, said: Map<string, number>): Promise<string[]> {
  const { roots } = await client.call('GET /roots', {});
  const count = roots.find((root) => root.path === path)?.counts.found ?? 0;
  const before = said.get(path) ?? 0;
  said.set(path, count);
  if (count === 0 || count === before) return [];
  return [
    `found ${count} artifacts below ${path} that are not registered · register with: plinth register --found ${shellWord(path)}`,
  ];
}

type Message = Parameters<Parameters<Daemon['listen']>[0]>[0];

/** Prints an artifact's line only if it differs from the last one. */
function sayOnce(
  said: Map<string, string>,
  message: Message,
  line: string | undefined,
  say: (line: string) => void,
): void {
  if (message.kind !== 'artifact') return line === undefined ? undefined : say(line);
  const { path } = message.artifact;
  if (line === undefined) return void said.delete(path);
  if (said.get(path) === line) return;
  said.set(path, line);
  say(line);
}

/** Returns a function that finds the current name of an event's model, from earlier events or by asking the service once. */
function modelNames(client: Client): (event: RegistryEvent) => Promise<string | null> {
  const known = new Map<string, string>();
  return async (event) => {
    if (!('model' in event.body)) return null;
    const { model: id } = event.body;
    if (event.type === 'model.created/1' || event.type === 'model.renamed/1') known.set(id, event.body.name);
    const name = known.get(id);
    if (name !== undefined) return name;
    const page = await client.call('GET /log', { cursor: String(event.seq + 1), limit: 1 });
    const asked = page.items[0]?.model ?? null;
    if (asked !== null) known.set(id, asked);
    return asked;
  };
}
