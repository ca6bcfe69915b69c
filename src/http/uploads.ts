/**
 * One file of a multipart form, streamed to a private temporary file: never held in memory, never under a name the sender
 * chose, refused as soon as it is known to be too large.
 */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import busboy from 'busboy';
import type { Request } from 'express';
import { AppError } from '../shared/errors.ts';

export interface UploadLimits {
  readonly field: string;
  readonly maxBytes: number;
  /** Folder of the temporary files; made when missing. */
  readonly folder: string;
}

export interface ReceivedFile {
  readonly path: string;
  /** As the sender named it: shown, never used as a path. */
  readonly fileName: string;
  readonly bytes: number;
}

export interface ReceivedForm {
  readonly fields: Record<string, string | string[]>;
  readonly file: ReceivedFile | null;
  /** Deletes the temporary file; what keeps the file moves it first. */
  discard(): Promise<void>;
}

/** Room for the other fields and the boundaries. */
const FORM_OVERHEAD_BYTES = 64 * 1024;

/** What is still read, to be thrown away, of a body that was refused. */
const LEFTOVER_BYTES = 8 * 1024 * 1024;
/** How long whoever goes on sending a refused body keeps the connection, in milliseconds. */
const LEFTOVER_MS = 3_000;

const tooLarge = (limits: UploadLimits): AppError =>
  new AppError('FILE_TOO_LARGE', 413, 'errors.tooLarge.message', {
    megabytes: Math.floor(limits.maxBytes / 1_048_576),
  });

const badRequest = (): AppError => new AppError('BAD_REQUEST', 400, 'errors.badRequest.message');

/**
 * Leaves the rest of a refused body. A connection closed with bytes unread is reset, and a browser shows that instead of the
 * answer: a part is read and thrown away, then nothing more, and who still sends is cut once the answer had time to arrive.
 */
function leaveRest(req: Request): void {
  let left = LEFTOVER_BYTES;
  req.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) req.pause();
  });
  req.resume();
  const cut = setTimeout(() => req.socket.destroy(), LEFTOVER_MS).unref();
  req.once('end', () => clearTimeout(cut));
}

/** @throws AppError 400 for a form whose parts cannot be told apart */
function openParser(req: Request, limits: UploadLimits): busboy.Busboy {
  try {
    return busboy({
      headers: req.headers,
      defParamCharset: 'utf8',
      limits: { files: 1, fileSize: limits.maxBytes, fields: 50, fieldSize: 64 * 1024, parts: 60 },
    });
  } catch {
    // busboy throws for a type without its boundary.
    throw badRequest();
  }
}

/**
 * @throws AppError 413 for a file above the limit (before reading it when its length is announced), 400 for anything that
 * is not a multipart form
 */
export async function receiveUpload(req: Request, limits: UploadLimits): Promise<ReceivedForm> {
  if (!req.is('multipart/form-data')) throw badRequest();
  if (Number(req.get('content-length') ?? 0) > limits.maxBytes + FORM_OVERHEAD_BYTES) {
    leaveRest(req);
    throw tooLarge(limits);
  }
  const parser = openParser(req, limits);
  await mkdir(limits.folder, { recursive: true, mode: 0o700 });
  const path = join(limits.folder, `${randomUUID()}.upload`);
  const fields: Record<string, string | string[]> = {};
  let received: ReceivedFile | null = null;
  let writing: Promise<void> = Promise.resolve();
  const discard = () => rm(path, { force: true });
  try {
    await new Promise<void>((resolve, reject) => {
      parser.on('field', (name, value) => {
        const known = fields[name];
        fields[name] = known === undefined ? value : Array.isArray(known) ? [...known, value] : [known, value];
      });
      parser.on('file', (name, stream, info) => {
        const fileName = info.filename;
        if (name !== limits.field || !fileName) {
          // A form cut in this file is told by the parser.
          stream.on('error', () => undefined).resume();
          return;
        }
        const output = createWriteStream(path, { flags: 'wx', mode: 0o600 });
        stream.on('limit', () => reject(tooLarge(limits)));
        writing = pipeline(stream, output).then(() => {
          received = { path, fileName: fileName.slice(-255), bytes: output.bytesWritten };
        });
        writing.catch(reject);
      });
      parser.on('error', () => reject(badRequest()));
      parser.on('close', () => resolve());
      req.on('aborted', () => reject(badRequest()));
      req.pipe(parser);
    });
    await writing;
    return { fields, file: received, discard };
  } catch (error) {
    req.unpipe();
    leaveRest(req);
    // The file is deleted once nothing writes to it any more.
    parser.destroy();
    await writing.catch(() => undefined);
    await discard();
    throw error;
  }
}
