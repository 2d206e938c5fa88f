import type { Booking } from '../api/types'

/** How many days, from the booking's own on, are searched for other times. */
export const OTHER_TIMES_DAYS = 14

/** The calendar of the booking's venue, at its service, its party and the day of a start. */
export function calendarPath({ venue, service, party_size }: Booking, start: string): string {
  const query = new URLSearchParams({ service, date: start.slice(0, 10) })
  if (party_size > 1) query.set('people', String(party_size))
  return `/${encodeURIComponent(venue)}?${query}`
}
