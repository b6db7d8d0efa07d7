import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDaemonFile } from '../../daemon/clients/client/discover.ts';
import { isProven } from '../../daemon/clients/client/prove.ts';
import { connect, type Client } from '../../daemon/clients/client/request.ts';
import type { DaemonFile } from '../../daemon/protocol/handshake.ts';

export const program = join(import.meta.dirname, '..', '..', 'dist', 'plinth.js');

/** The bundled daemon in a process of its own, with a temporary data folder. */
export interface Place {
  client: Client;
  file: DaemonFile;
  process: ChildProcess;
  /** Time from spawn to the first healthy answer. */
  readyMs: number;
  folder: string;
  out: string;
  end(): Promise<void>;
}

export async function place(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-bench-'));
  const here = await placeOn(join(folder, 'data'));
  const out = join(folder, 'out');
  mkdirSync(out);
  const end = async (): Promise<void> => {
    await here.end();
    rmSync(folder, { recursive: true, force: true });
  };
  return { ...here, folder, out, end };
}

/** Starts the same on an existing data folder, which is kept. */
export async function placeOn(data: string, nodeArguments: readonly string[] = []): Promise<Place> {
  const started = performance.now();
  const child = spawn(process.execPath, [...nodeArguments, program, 'serve', '--quiet', '--data', data], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const file = await healthy(data, child);
  const readyMs = performance.now() - started;
  const end = async (): Promise<void> => {
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('exit', resolve));
  };
  return { client: connect(file, 'bench'), file, process: child, readyMs, folder: data, out: data, end };
}

async function healthy(data: string, child: ChildProcess): Promise<DaemonFile> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the service ended at its start with code ${child.exitCode}`);
    const file = readDaemonFile(data);
    if (file && file.pid === child.pid && (await isProven(file))) return file;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Returns the proportional set size of a process in MB, from /proc (Linux); NaN elsewhere. */
export function pssMb(pid: number | undefined): number {
  try {
    const kb = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
    return Number(kb) / 1024;
  } catch {
    return NaN;
  }
}

/**
 * Returns the peak resident memory of this process in MB, from /proc (Linux); NaN elsewhere. `resourceUsage().maxRSS` would begin
 * with the memory of the process that forked this one.
 */
export function peakMb(): number {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
  } catch {
    return NaN;
  }
}

/** Returns the CPU seconds that a process has used, from /proc (Linux); NaN elsewhere. */
export function cpuSeconds(pid: number | undefined): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return NaN;
  }
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

/** One line of the table that is printed and stored. */
export interface Row {
  what: string;
  wanted: string;
  measured: string;
  /** Undefined when there is no required value. */
  met: boolean | undefined;
}

export function row(what: string, wanted: string, measured: string, met?: boolean): Row {
  console.log(`${met === undefined ? '·' : met ? '✓' : '✗'} ${what}: ${measured} (wanted ${wanted})`);
  return { what, wanted, measured, met };
}
