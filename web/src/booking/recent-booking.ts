import type { Booking } from '../api/types'

// The booking that this page has just confirmed, so that its own page shows code and times at once, whatever else fails.

let confirmed: Booking | undefined

export function rememberConfirmed(booking: Booking): void {
  confirmed = booking
}

export function confirmedBooking(venue: string, id: string): Booking | undefined {
  return confirmed?.venue === venue && confirmed.id === id ? confirmed : undefined
}
