import { createInflateRaw, crc32, inflateRawSync } from 'node:zlib';
import { SourceError } from '../../shared/source-error.ts';

/**
 * The few things a workbook needs of the zip format, read from its central directory so that the order of the parts does not
 * matter, with a limit on what comes out of each part: a zip bomb stops at the limit, not at the end of the memory.
 * @see PKWARE APPNOTE 4.3
 */
export interface ZipArchive {
  /** Part names as in the archive, `\` read as `/`. */
  names: string[];
  has(name: string): boolean;
  /** A whole part. @throws SourceError `FILE_TOO_LARGE` over `limit` bytes, `FILE_UNREADABLE` when damaged */
  read(name: string, limit: number): Buffer;
  /** A part in chunks. @throws as {@link read} */
  stream(name: string, limit: number): AsyncGenerator<Buffer>;
}

interface ZipEntry {
  method: number;
  crc: number;
  encrypted: boolean;
  compressed: Buffer;
}

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;
const MOST_ENTRIES = 10_000;

/** Opens an archive held in memory. @throws SourceError `FILE_UNREADABLE` when it is broken off or no archive */
export function openZip(bytes: Buffer): ZipArchive {
  const entries = readDirectory(bytes);
  const entryOf = (name: string): ZipEntry => {
    const entry = entries.get(name.toLowerCase())?.entry;
    if (entry === undefined) throw new SourceError('FILE_UNREADABLE', { reason: 'part missing' });
    if (entry.encrypted) throw new SourceError('FILE_ENCRYPTED');
    return entry;
  };
  return {
    names: [...entries.values()].map(({ name }) => name),
    has: (name) => entries.has(name.toLowerCase()),
    read: (name, limit) => inflateWhole(entryOf(name), limit),
    stream: (name, limit) => inflateInChunks(entryOf(name), limit),
  };
}

function readDirectory(bytes: Buffer): Map<string, { name: string; entry: ZipEntry }> {
  try {
    const end = findEndOfDirectory(bytes);
    const count = bytes.readUInt16LE(end + 10);
    let offset = bytes.readUInt32LE(end + 16);
    if (count > MOST_ENTRIES) throw new SourceError('FILE_UNREADABLE', { reason: 'too many parts' });
    const entries = new Map<string, { name: string; entry: ZipEntry }>();
    for (let index = 0; index < count; index += 1) {
      if (bytes.readUInt32LE(offset) !== DIRECTORY_ENTRY) throw broken('directory');
      const nameLength = bytes.readUInt16LE(offset + 28);
      const name = bytes.toString('utf8', offset + 46, offset + 46 + nameLength).replaceAll('\\', '/');
      const entry: ZipEntry = {
        encrypted: (bytes.readUInt16LE(offset + 8) & 1) === 1,
        method: bytes.readUInt16LE(offset + 10),
        crc: bytes.readUInt32LE(offset + 16),
        compressed: compressedPart(bytes, bytes.readUInt32LE(offset + 42), bytes.readUInt32LE(offset + 20)),
      };
      entries.set(name.toLowerCase(), { name, entry });
      offset += 46 + nameLength + bytes.readUInt16LE(offset + 30) + bytes.readUInt16LE(offset + 32);
    }
    return entries;
  } catch (error) {
    if (error instanceof SourceError) throw error;
    throw broken('directory', error);
  }
}

function findEndOfDirectory(bytes: Buffer): number {
  const earliest = Math.max(0, bytes.length - 22 - 0xffff);
  for (let offset = bytes.length - 22; offset >= earliest; offset -= 1) {
    if (bytes.readUInt32LE(offset) === END_OF_DIRECTORY) return offset;
  }
  throw broken('end');
}

function compressedPart(bytes: Buffer, headerOffset: number, size: number): Buffer {
  if (bytes.readUInt32LE(headerOffset) !== LOCAL_HEADER) throw broken('part');
  const start = headerOffset + 30 + bytes.readUInt16LE(headerOffset + 26) + bytes.readUInt16LE(headerOffset + 28);
  if (start + size > bytes.length) throw broken('part');
  return bytes.subarray(start, start + size);
}

function inflateWhole(entry: ZipEntry, limit: number): Buffer {
  if (entry.method === 0) return checkedWhole(entry.compressed, entry, limit);
  if (entry.method !== 8) throw broken('method');
  try {
    return checkedWhole(inflateRawSync(entry.compressed, { maxOutputLength: limit }), entry, limit);
  } catch (error) {
    if (error instanceof SourceError) throw error;
    if (error instanceof RangeError) throw tooLarge(limit);
    throw broken('data', error);
  }
}

function checkedWhole(content: Buffer, entry: ZipEntry, limit: number): Buffer {
  if (content.length > limit) throw tooLarge(limit);
  if (crc32(content) !== entry.crc) throw broken('checksum');
  return content;
}

async function* inflateInChunks(entry: ZipEntry, limit: number): AsyncGenerator<Buffer> {
  if (entry.method === 0) {
    yield checkedWhole(entry.compressed, entry, limit);
    return;
  }
  if (entry.method !== 8) throw broken('method');
  const inflater = createInflateRaw({ chunkSize: 128 * 1024 });
  inflater.end(entry.compressed);
  let length = 0;
  let checksum = 0;
  try {
    for await (const chunk of inflater as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > limit) throw tooLarge(limit);
      checksum = crc32(chunk, checksum);
      yield chunk;
    }
  } catch (error) {
    throw error instanceof SourceError ? error : broken('data', error);
  }
  if (checksum !== entry.crc) throw broken('checksum');
}

function broken(reason: string, cause?: unknown): SourceError {
  return new SourceError('FILE_UNREADABLE', { reason: `zip ${reason}` }, { cause });
}

function tooLarge(limit: number): SourceError {
  return new SourceError('FILE_TOO_LARGE', { limit: 'bytes', allowed: limit });
}
