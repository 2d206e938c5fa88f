import type { Availability, AvailabilityQuery, Service } from '../api/types'
import type { AvailabilityState } from './availability-state'
import { MAX_CACHED_WINDOWS } from './limits'

// The last few windows that were looked at: going back to one shows it at once, and asks only for what changed since.

export interface CachedWindow {
  state: AvailabilityState
  goodAt: number
}

const recent = new Map<string, CachedWindow>()

export function cacheWindow(query: AvailabilityQuery, entry: CachedWindow): void {
  const key = keyOf(query)
  recent.delete(key)
  recent.set(key, entry)
  const oldest = recent.keys().next().value
  if (recent.size > MAX_CACHED_WINDOWS && oldest !== undefined) recent.delete(oldest)
}

export function cachedWindow(query: AvailabilityQuery): CachedWindow | undefined {
  return recent.get(keyOf(query))
}

/** Takes the window that came with the page: a service's first week, for its smallest party. */
export function cacheFirstWindow(answer: Availability, services: Service[]): void {
  const service = services.find(({ id }) => id === answer.service)
  const [first] = answer.days
  const last = answer.days.at(-1)
  if (!service || !first || !last) return
  const { position, days, venue } = answer
  const query = { venue, service: service.id, from: first.date, to: last.date, party_size: service.party_size.min }
  cacheWindow(query, { state: { position, days }, goodAt: Date.parse(answer.as_of) })
}

function keyOf(query: AvailabilityQuery): string {
  return [query.venue, query.service, query.resource ?? '', query.party_size, query.from, query.to].join('|')
}
