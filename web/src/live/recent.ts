import type { AvailabilityQuery } from '../api/types'
import type { Picture } from './picture'

// The last few windows that were looked at: going back to one shows it at once, and asks only for what changed since.

export interface Recent {
  picture: Picture
  goodAt: number
}

const KEEP = 8
const recent = new Map<string, Recent>()

export function rememberPicture(query: AvailabilityQuery, entry: Recent): void {
  const key = keyOf(query)
  recent.delete(key)
  recent.set(key, entry)
  const oldest = recent.keys().next().value
  if (recent.size > KEEP && oldest !== undefined) recent.delete(oldest)
}

export function recallPicture(query: AvailabilityQuery): Recent | undefined {
  return recent.get(keyOf(query))
}

function keyOf(query: AvailabilityQuery): string {
  return [query.venue, query.service, query.resource ?? '', query.party_size, query.from, query.to].join('|')
}
