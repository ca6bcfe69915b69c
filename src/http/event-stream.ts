/**
 * Server-sent events: an answer that stays open and says what happens as it happens. It ends when the reader leaves and when
 * the server stops; a browser then comes back by itself.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
import type { Request, Response } from 'express';

/** Comments keep proxies, which close silent connections, from cutting the stream. */
const HEARTBEAT_MS = 15_000;
/** How soon a browser comes back after a cut. */
const RETRY_MS = 2_000;

const openStreams = new Set<EventStream>();

export interface EventStream {
  /** Aborted once nobody listens any more: the reader left, `end` was called or the server stops. */
  readonly closed: AbortSignal;
  /** Sends one event; `data` is written as JSON. Without effect once closed. */
  send(event: string, data: unknown): void;
  end(): void;
}

/** Turns an answer into a stream of events. */
export function openEventStream(req: Request, res: Response): EventStream {
  const controller = new AbortController();
  const write = (text: string): void => {
    if (!controller.signal.aborted) res.write(text);
  };
  const heartbeat = setInterval(() => write(': still here\n\n'), HEARTBEAT_MS);
  const stream: EventStream = {
    closed: controller.signal,
    send: (event, data) => write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
    end: () => {
      if (controller.signal.aborted) return;
      controller.abort();
      clearInterval(heartbeat);
      openStreams.delete(stream);
      res.end();
    },
  };
  openStreams.add(stream);
  res.on('close', stream.end);
  // no-transform: a compressor or a proxy would hold events back until it has enough of them.
  res.status(200).set({
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store, no-transform',
    'X-Accel-Buffering': 'no',
  });
  req.socket.setTimeout(0);
  req.socket.setNoDelay(true);
  res.flushHeaders();
  write(`retry: ${RETRY_MS}\n\n`);
  return stream;
}

/** Ends every open stream: a server that stops would wait for them otherwise. */
export function endEventStreams(): void {
  for (const stream of [...openStreams]) stream.end();
}
