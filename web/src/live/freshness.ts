// How much what is on the screen can be trusted, decided from a few facts and the time.

import type { Transport } from './live-subscription'
import { CUT_OFF_LIMIT_MS, FAILURES_BEFORE_UNAVAILABLE, QUIET_LIMIT_MS } from './limits'

export type Freshness =
  { kind: 'loading' } | { kind: 'live' } | { kind: 'polling' } | { kind: 'delayed'; asOf: number } | { kind: 'unavailable' }

export interface Facts {
  hasData: boolean
  /** When what is shown was last known to be the whole truth, in milliseconds of the server's clock. */
  goodAt: number
  /** The server said that it is behind the store since then; undefined while it is not. */
  staleSince: number | undefined
  /** What brings changes right now. */
  transport: Transport
  /** Failed attempts, over any transport, since anything was heard. */
  failures: number
}

export function freshnessOf(facts: Facts, now: number): Freshness {
  if (!facts.hasData) return facts.failures >= FAILURES_BEFORE_UNAVAILABLE ? { kind: 'unavailable' } : { kind: 'loading' }
  if (facts.staleSince !== undefined) return { kind: 'delayed', asOf: Math.min(facts.staleSince, facts.goodAt) }
  const limit = facts.transport === 'none' ? CUT_OFF_LIMIT_MS : QUIET_LIMIT_MS
  if (now - facts.goodAt > limit) return { kind: 'delayed', asOf: facts.goodAt }
  return { kind: facts.transport === 'polling' ? 'polling' : 'live' }
}
