import type { Server } from 'node:http';
import { endEventStreams } from './event-stream.ts';

/** How often connections that became idle are looked for, in milliseconds. */
const LOOK_EVERY_MS = 100;

/**
 * Closes a server that listens: nothing new is taken, what was begun is answered, streams of events end (their readers come back by
 * themselves), connections kept open for a next request are closed.
 * @param patienceMs what is not answered by then is cut
 */
export function drain(server: Server, patienceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const look = setInterval(() => {
      endEventStreams();
      server.closeIdleConnections();
    }, LOOK_EVERY_MS);
    const cut = setTimeout(() => server.closeAllConnections(), patienceMs);
    server.close(() => {
      clearInterval(look);
      clearTimeout(cut);
      resolve();
    });
    endEventStreams();
  });
}
