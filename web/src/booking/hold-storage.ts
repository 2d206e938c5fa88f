import { loadItem, removeItem, saveItem, tabStorage } from '../api/browser-storage'
import type { Booking } from '../api/types'

// A page that goes away cannot tell a reload from a closed tab, so a hold is never given back for it: it is found again. The
// tab's own storage brings it back after a reload; what a closed tab leaves in the browser's storage is found by the next
// visit in any tab. Both end with the hold, minutes later, and hold no personal data.

/** A hold as the browser remembers it. The token is nowhere else. */
export interface StoredHold {
  booking: Booking
  token: string
}

export function storeHold(hold: StoredHold): void {
  saveItem(key(hold.booking.venue), hold, tabStorage)
}

/** The hold of this tab at a venue, or that of a tab that was closed, unless it has certainly run out. */
export function loadStoredHold(venue: string, now: number): StoredHold | undefined {
  const own = loadItem<StoredHold>(key(venue), tabStorage)
  const left = loadItem<StoredHold>(key(venue))
  const hold = [own, left].find((stored) => isLive(stored, now))
  if (!hold) clearStoredHold(venue)
  else if (hold.booking.id === left?.booking?.id) {
    removeItem(key(venue)) // Whoever finds it goes on with it; what another tab left stays for the next one.
    storeHold(hold)
  }
  return hold
}

/** The page goes away: another tab may find the hold. */
export function leaveHold(venue: string): void {
  const hold = loadItem<StoredHold>(key(venue), tabStorage)
  if (hold) saveItem(key(venue), hold)
}

/** The page came back as it was, with its hold. */
export function reclaimHold(venue: string): void {
  removeItem(key(venue))
}

export function clearStoredHold(venue: string): void {
  removeItem(key(venue), tabStorage)
  removeItem(key(venue))
}

function isLive(hold: StoredHold | undefined, now: number): hold is StoredHold {
  return !!hold?.token && !!hold.booking?.expires_at && Date.parse(hold.booking.expires_at) > now
}

function key(venue: string): string {
  return `vacancy.hold.${venue}`
}
