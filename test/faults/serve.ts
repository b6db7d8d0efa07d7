import { configure } from '../../daemon/config.ts';
import { startDaemon } from '../../daemon/daemon.ts';
import { defaultTiming } from '../../daemon/runtime/timing.ts';
import { silent } from '../../daemon/log.ts';

const [dataFolder = '', runQuietMs = '3000'] = process.argv.slice(2);

/** Runs the daemon as a process that can be killed, with shorter waiting times for quiet runs. */
await startDaemon(
  configure({ version: '0', dataFolder, timing: { ...defaultTiming, runQuietMs: Number(runQuietMs) } }),
  silent,
);
