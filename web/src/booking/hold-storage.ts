import { removeItem, tabStorage, loadItem, saveItem } from '../api/browser-storage'
import type { Booking } from '../api/types'

/** A hold as this tab remembers it, so that a reload goes on with it. The token is nowhere else. */
export interface StoredHold {
  booking: Booking
  token: string
}

export function storeHold(hold: StoredHold): void {
  saveItem(key(hold.booking.venue), hold, tabStorage)
}

/** The hold of this tab at a venue, unless it has certainly run out. */
export function loadStoredHold(venue: string, now: number): StoredHold | undefined {
  const hold = loadItem<StoredHold>(key(venue), tabStorage)
  if (!hold?.token || !hold.booking?.expires_at) return undefined
  if (Date.parse(hold.booking.expires_at) > now) return hold
  clearStoredHold(venue)
  return undefined
}

export function clearStoredHold(venue: string): void {
  removeItem(key(venue), tabStorage)
}

function key(venue: string): string {
  return `vacancy.hold.${venue}`
}
