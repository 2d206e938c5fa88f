// The numbers of live delivery in the page. api/live.md has those of the server.

/** Between the attempts to connect: doubled each time, with jitter. Milliseconds. */
export interface Backoff {
  firstMs: number
  maxMs: number
}

/** How long opening a WebSocket, or the beginning of an event stream's answer, may take. */
export const CONNECT_TIMEOUT_MS = 10_000
export const RECONNECT_BACKOFF: Backoff = { firstMs: 500, maxMs: 15_000 }

/** How often the page sends a ping over its WebSocket, and how long the answer may take: the server's own pings a page cannot see. */
export const PING_EVERY_MS = 15_000
export const PONG_TIMEOUT_MS = 10_000
/** How long a WebSocket without subscriptions stays open: the next page of the visit is likely to need it. */
export const LINGER_MS = 5_000
/** A refused WebSocket is tried again after this: proxies are mended, and phones change networks. */
export const SOCKET_RETRY_MS = 300_000
/** The server sends a comment over an event stream every 15 s; three missed ones mean that nobody is there. */
export const STREAM_SILENCE_MS = 45_000
/** How long a better transport gets before the next one starts beside it. */
export const TRANSPORT_GRACE_MS = 1_500

/** How often the page asks where it can only poll, and how long it waits after failures. */
export const POLL_EVERY_MS = 4_000
export const POLL_BACKOFF: Backoff = { firstMs: 2_000, maxMs: 20_000 }

/** With a transport, silence may last as long as a ping and its answer, and a little more. */
export const QUIET_LIMIT_MS = 30_000
/** Without any, what is shown ages by the second. */
export const CUT_OFF_LIMIT_MS = 6_000
/** A page that never had data says after so many failures that the server is not there: one may be chance. */
export const FAILURES_BEFORE_UNAVAILABLE = 2

/** A visitor who turns back and forth sees so many windows at once; each is a hundred kilobytes at most. */
export const MAX_CACHED_WINDOWS = 8
