import type { Superblock } from './hdf5.ts';
import { FormatError } from '../source.ts';
import type { ByteWindow } from '../window.ts';

/** An HDF5 file that is being read. */
export interface Hdf5 extends Pick<Superblock, 'offsetBytes' | 'lengthBytes'> {
  window: ByteWindow;
}

/** A message of an object header: the offset of its data, and how many bytes they are. */
export interface Message {
  type: number;
  at: number;
  size: number;
}

/** Types of messages that are read (HDF5 File Format Specification, IV.A.2). */
export const messageTypes = {
  dataspace: 1,
  linkInfo: 2,
  datatype: 3,
  link: 6,
  layout: 8,
  filters: 11,
  symbolTable: 17,
};

const continuationMessage = 16;
const sharedFlag = 2;
const maxMessages = 20_000;

interface Block {
  at: number;
  end: number;
}

/** Reads an unsigned little-endian number of `bytes` bytes. It is inexact past 2^53, as an undefined address is. */
export function unsigned({ window }: Hdf5, at: number, bytes: number): number {
  let value = 0;
  for (let index = bytes - 1; index >= 0; index -= 1) value = value * 256 + window.byte(at + index);
  return value;
}

export function addressAt(file: Hdf5, at: number): number {
  return unsigned(file, at, file.offsetBytes);
}

/** False for the address whose bits are all one, which points nowhere. */
export function isDefined(address: number): boolean {
  return Number.isSafeInteger(address) && address !== 0xffff_ffff;
}

export function signatureAt({ window }: Hdf5, at: number): string {
  return window.text(at, 4);
}

/**
 * Returns the messages of the object header at `address` and its continuations, in order; shared ones are left out. Throws
 * FormatError. Source: HDF5 File Format Specification, IV.A.1.
 */
export function messagesAt(file: Hdf5, address: number): Message[] {
  const isNew = signatureAt(file, address) === 'OHDR';
  const flags = isNew ? unsigned(file, address + 5, 1) : 0;
  const blocks = [isNew ? firstNewBlock(file, address, flags) : firstOldBlock(file, address)];
  const found: Message[] = [];
  const headBytes = isNew ? (flags & 4 ? 6 : 4) : 8;
  for (let index = 0; index < blocks.length; index += 1) {
    const { at, end } = blocks[index]!;
    for (let next = at; next + headBytes <= end;) {
      const message = isNew ? newMessage(file, next, headBytes) : oldMessage(file, next);
      next = message.at + message.size;
      if (next > end) break;
      if (message.type === continuationMessage) blocks.push(continued(file, message, isNew));
      else if (!message.shared) found.push({ type: message.type, at: message.at, size: message.size });
      if (found.length + blocks.length > maxMessages)
        throw new FormatError('malformed', 'An HDF5 object has too many messages.');
    }
  }
  return found;
}

function firstOldBlock(file: Hdf5, address: number): Block {
  const version = unsigned(file, address, 1);
  if (version !== 1) throw new FormatError('malformed', `HDF5 object headers of version ${version} are not known.`);
  const at = address + 16;
  return { at, end: at + unsigned(file, address + 8, 4) };
}

function firstNewBlock(file: Hdf5, address: number, flags: number): Block {
  const sizeAt = address + 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);
  const sizeBytes = 1 << (flags & 3);
  const at = sizeAt + sizeBytes;
  return { at, end: at + unsigned(file, sizeAt, sizeBytes) };
}

function oldMessage(file: Hdf5, at: number): Message & { shared: boolean } {
  const shared = (unsigned(file, at + 4, 1) & sharedFlag) !== 0;
  return { type: unsigned(file, at, 2), size: unsigned(file, at + 2, 2), at: at + 8, shared };
}

function newMessage(file: Hdf5, at: number, headBytes: number): Message & { shared: boolean } {
  const shared = (unsigned(file, at + 3, 1) & sharedFlag) !== 0;
  return { type: unsigned(file, at, 1), size: unsigned(file, at + 1, 2), at: at + headBytes, shared };
}

/** Returns the block of a continuation. In a new header it begins with a signature and ends with a checksum. */
function continued(file: Hdf5, message: Message, isNew: boolean): Block {
  const at = addressAt(file, message.at);
  const length = unsigned(file, message.at + file.offsetBytes, file.lengthBytes);
  return isNew ? { at: at + 4, end: at + length - 4 } : { at, end: at + length };
}
