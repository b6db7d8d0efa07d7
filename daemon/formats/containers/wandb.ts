import { walkMessage } from './protobuf.ts';
import { FormatError, type Source } from '../source.ts';
import type { ByteWindow } from '../window.ts';

/** Bytes before the first record: `:W&B`, uint16 0xBEE1 (LE), uint8 version 0. */
export const wandbHeader = 7;

/** Throws FormatError: `truncated` before the header is complete, `malformed` for another file, `unsupported` for a version above 0. */
export function checkWandbHeader(source: Source): void {
  const header = Buffer.from(source.read(0, wandbHeader));
  if (header.length < wandbHeader) throw new FormatError('truncated', 'The file ends inside its header.');
  if (header.toString('latin1', 0, 4) !== ':W&B' || header.readUInt16LE(4) !== 0xbee1)
    throw new FormatError('malformed', 'This is not a log of W&B.');
  if (header[6] !== 0) throw new FormatError('unsupported', `Version ${header[6]} of W&B's log is unknown.`);
}

/** One named value of a record: its name by levels, and its value as JSON text. */
export interface WandbItem {
  path: string[];
  json: string;
}

/** One record. Lists that it does not have are empty. */
export interface WandbRecord {
  history: WandbItem[];
  /** The step of a history record; null for others. */
  step: number | null;
  config: WandbItem[];
  summary: WandbItem[];
  /** True for the record that describes the run itself, the first of a log. */
  isRun: boolean;
  /** The project that the run belongs to, from that record; empty for others. */
  project: string;
  /** From the exit record; null for others. */
  exitCode: number | null;
}

const maxLevels = 32;
/** A longer value is neither a number nor a param. Its item is returned without the value. */
const maxJson = 1024 * 1024;
const maxName = 1024;

/**
 * Reads one Record of W&B's log in `window[start, end)`: history (2), summary (3), config (5), run (17) or exit (18). Skips
 * console output, system statistics and artifacts. Source: wandb/proto/wandb_internal.proto. Throws FormatError.
 */
export function readWandbRecord(window: ByteWindow, start: number, end: number): WandbRecord {
  const record: WandbRecord = {
    history: [],
    step: null,
    config: [],
    summary: [],
    isRun: false,
    project: '',
    exitCode: null,
  };
  walkMessage(window, start, end, (field, wire, from, to) => {
    if (wire !== 2) return;
    if (field === 2) readHistory(window, from, to, record);
    else if (field === 3) readItems(window, from, to, record.summary);
    else if (field === 5) readItems(window, from, to, record.config);
    else if (field === 17) readRun(window, from, to, record);
    else if (field === 18) record.exitCode = readExit(window, from, to);
  });
  return record;
}

function readHistory(window: ByteWindow, start: number, end: number, into: WandbRecord): void {
  readItems(window, start, end, into.history);
  walkMessage(window, start, end, (field, wire, from, to) => {
    if (field !== 2 || wire !== 2) return;
    into.step = 0;
    walkMessage(window, from, to, (inner, innerWire, value) => {
      if (inner === 1 && innerWire === 0) into.step = value;
    });
  });
}

function readRun(window: ByteWindow, start: number, end: number, into: WandbRecord): void {
  into.isRun = true;
  walkMessage(window, start, end, (field, wire, from, to) => {
    if (field === 3 && wire === 2 && to - from <= maxName) into.project = window.text(from, to - from);
    else if (field === 4 && wire === 2) readItems(window, from, to, into.config);
    else if (field === 5 && wire === 2) readItems(window, from, to, into.summary);
  });
}

function readExit(window: ByteWindow, start: number, end: number): number {
  let code = 0;
  walkMessage(window, start, end, (field, wire, value) => {
    if (field === 1 && wire === 0) code = value;
  });
  return code;
}

/** Reads field 1 of a record: HistoryItem, ConfigItem and SummaryItem are alike, with key (1) or nested_key (2), and value_json (16). */
function readItems(window: ByteWindow, start: number, end: number, into: WandbItem[]): void {
  walkMessage(window, start, end, (field, wire, from, to) => {
    if (field === 1 && wire === 2) into.push(readItem(window, from, to));
  });
}

function readItem(window: ByteWindow, start: number, end: number): WandbItem {
  const item: WandbItem = { path: [], json: '' };
  walkMessage(window, start, end, (field, wire, from, to) => {
    if (wire !== 2) return;
    if (field === 1 && to > from) item.path = [window.text(from, to - from)];
    else if (field === 2 && item.path.length < maxLevels) item.path.push(window.text(from, to - from));
    else if (field === 16 && to - from <= maxJson) item.json = window.text(from, to - from);
  });
  return item;
}

/** An artifact that a run logged, with the paths and sizes of its files. */
export interface WandbArtifact {
  type: string;
  name: string;
  files: { path: string; size: number }[];
}

const maxFiles = 1000;

/** Reads the artifact (field 8) of one Record in `window[start, end)`; undefined for a record of another kind. Throws FormatError. */
export function readWandbArtifact(window: ByteWindow, start: number, end: number): WandbArtifact | undefined {
  let artifact: WandbArtifact | undefined;
  walkMessage(window, start, end, (field, wire, from, to) => {
    if (field === 8 && wire === 2) artifact = readArtifact(window, from, to);
  });
  return artifact;
}

/** Reads an ArtifactRecord: type (4), name (5) and the contents (4) of its manifest (12), each with path (1) and size (4). */
function readArtifact(window: ByteWindow, start: number, end: number): WandbArtifact {
  const artifact: WandbArtifact = { type: '', name: '', files: [] };
  walkMessage(window, start, end, (field, wire, from, to) => {
    if (wire !== 2) return;
    if (field === 4 && to - from <= maxName) artifact.type = window.text(from, to - from);
    else if (field === 5 && to - from <= maxName) artifact.name = window.text(from, to - from);
    else if (field === 12)
      walkMessage(window, from, to, (inner, innerWire, at, until) => {
        if (inner === 4 && innerWire === 2 && artifact.files.length < maxFiles)
          artifact.files.push(readEntry(window, at, until));
      });
  });
  return artifact;
}

function readEntry(window: ByteWindow, start: number, end: number): { path: string; size: number } {
  const entry = { path: '', size: 0 };
  walkMessage(window, start, end, (field, wire, from, to) => {
    if (field === 1 && wire === 2 && to - from <= maxName) entry.path = window.text(from, to - from);
    else if (field === 4 && wire === 0) entry.size = from;
  });
  return entry;
}
