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

const tooLarge = (limits: UploadLimits): AppError =>
  new AppError('FILE_TOO_LARGE', 413, 'errors.tooLarge.message', {
    megabytes: Math.floor(limits.maxBytes / 1_048_576),
  });

/**
 * @throws AppError 413 for a file above the limit (before reading it when its length is announced), 400 for anything that
 * is not a multipart form
 */
export async function receiveUpload(req: Request, limits: UploadLimits): Promise<ReceivedForm> {
  if (!req.is('multipart/form-data')) throw new AppError('BAD_REQUEST', 400, 'errors.badRequest.message');
  if (Number(req.get('content-length') ?? 0) > limits.maxBytes + FORM_OVERHEAD_BYTES) {
    // The rest of the body is not read: the connection cannot serve another request.
    req.res?.set('Connection', 'close');
    throw tooLarge(limits);
  }
  await mkdir(limits.folder, { recursive: true, mode: 0o700 });
  const path = join(limits.folder, `${randomUUID()}.upload`);
  const fields: Record<string, string | string[]> = {};
  let received: ReceivedFile | null = null;
  let writing: Promise<void> = Promise.resolve();
  const discard = () => rm(path, { force: true });
  try {
    await new Promise<void>((resolve, reject) => {
      const parser = busboy({
        headers: req.headers,
        defParamCharset: 'utf8',
        limits: { files: 1, fileSize: limits.maxBytes, fields: 50, fieldSize: 64 * 1024, parts: 60 },
      });
      parser.on('field', (name, value) => {
        const known = fields[name];
        fields[name] = known === undefined ? value : Array.isArray(known) ? [...known, value] : [known, value];
      });
      parser.on('file', (name, stream, info) => {
        const fileName = info.filename;
        if (name !== limits.field || !fileName) {
          stream.resume();
          return;
        }
        const output = createWriteStream(path, { flags: 'wx', mode: 0o600 });
        stream.on('limit', () => reject(tooLarge(limits)));
        writing = pipeline(stream, output).then(() => {
          received = { path, fileName: fileName.slice(-255), bytes: output.bytesWritten };
        });
        writing.catch(reject);
      });
      parser.on('error', () => reject(new AppError('BAD_REQUEST', 400, 'errors.badRequest.message')));
      parser.on('close', () => resolve());
      req.on('aborted', () => reject(new AppError('BAD_REQUEST', 400, 'errors.badRequest.message')));
      req.pipe(parser);
    });
    await writing;
    return { fields, file: received, discard };
  } catch (error) {
    req.unpipe();
    req.resume();
    await discard();
    throw error;
  }
}
