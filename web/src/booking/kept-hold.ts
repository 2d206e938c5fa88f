import { forget, forThisTab, recall, remember } from '../api/memory'
import type { Booking } from '../api/types'

/** A hold as this tab remembers it, so that a reload goes on with it. The token is nowhere else. */
export interface KeptHold {
  booking: Booking
  token: string
}

export function keepHold(hold: KeptHold): void {
  remember(key(hold.booking.venue), hold, forThisTab)
}

/** The hold of this tab at a venue, unless it has certainly run out. */
export function keptHold(venue: string, now: number): KeptHold | undefined {
  const hold = recall<KeptHold>(key(venue), forThisTab)
  if (!hold?.token || !hold.booking?.expires_at) return undefined
  if (Date.parse(hold.booking.expires_at) > now) return hold
  dropHold(venue)
  return undefined
}

export function dropHold(venue: string): void {
  forget(key(venue), forThisTab)
}

function key(venue: string): string {
  return `vacancy.hold.${venue}`
}
