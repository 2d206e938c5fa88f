import { firstFreeSlot } from '../api/availability'
import type { AvailabilityQuery, Day, Slot } from '../api/types'
import { addDays, windowsOf } from '../time/dates'
import { SEARCH_DAYS } from './limits'

export interface SearchFrom {
  /** The first date that counts. */
  date: string
  /** A start that was found before: only later ones count. */
  after?: string | undefined
}

export function isFree(slot: Slot): boolean {
  return slot.status === 'available' || slot.status === 'limited'
}

/** The first free start among the days at hand. */
export function firstFreeStart(days: Day[], { date, after }: SearchFrom): string | undefined {
  const later = after === undefined ? -Infinity : Date.parse(after)
  return days
    .filter((day) => day.date >= date)
    .flatMap((day) => day.slots)
    .find((slot) => isFree(slot) && Date.parse(slot.start) > later)?.start
}

/** The next free start: among the days at hand, today's included, else asked of the server up to the last date. */
export async function nextFreeStart(
  days: Day[],
  from: SearchFrom,
  query: AvailabilityQuery,
  last: string,
): Promise<string | undefined> {
  const atHand = firstFreeStart(days, from)
  if (atHand) return atHand
  const beyond = addDays(query.to, 1)
  return (await firstFreeSlot(windowsOf(beyond, last, SEARCH_DAYS).map((window) => ({ ...query, ...window }))))?.start
}
