import type { AvailabilityQuery } from '../api/types'
import type { AvailabilityState } from './availability-state'

// The last few windows that were looked at: going back to one shows it at once, and asks only for what changed since.

export interface CachedWindow {
  state: AvailabilityState
  goodAt: number
}

const KEEP = 8
const recent = new Map<string, CachedWindow>()

export function cacheWindow(query: AvailabilityQuery, entry: CachedWindow): void {
  const key = keyOf(query)
  recent.delete(key)
  recent.set(key, entry)
  const oldest = recent.keys().next().value
  if (recent.size > KEEP && oldest !== undefined) recent.delete(oldest)
}

export function cachedWindow(query: AvailabilityQuery): CachedWindow | undefined {
  return recent.get(keyOf(query))
}

function keyOf(query: AvailabilityQuery): string {
  return [query.venue, query.service, query.resource ?? '', query.party_size, query.from, query.to].join('|')
}
