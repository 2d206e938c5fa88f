import { type Backoff, RECONNECT_BACKOFF } from './limits'

// How long to wait before trying again: exponential, so that a server coming back is not stormed, and jittered, so that a
// thousand pages cut off together do not return together.

/** The wait before attempt number `failures` (1 after the first failure): between half and all of the exponential step. */
export function backoffDelay(failures: number, random: () => number = Math.random, limits: Backoff = RECONNECT_BACKOFF): number {
  const full = Math.min(limits.maxMs, limits.firstMs * 2 ** Math.max(0, Math.min(failures, 30) - 1))
  return Math.round(full / 2 + (full / 2) * random())
}
