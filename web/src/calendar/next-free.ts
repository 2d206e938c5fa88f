import { firstDayWithRoom } from '../api/availability'
import type { AvailabilityQuery, Day } from '../api/types'
import { addDays, windowsOf } from '../time/dates'

const WINDOW_DAYS = 14

/** The next date with room after the given one: among the days at hand, else asked of the server up to the last date. */
export async function nextDayWithRoom(
  days: Day[],
  after: string,
  query: AvailabilityQuery,
  last: string,
): Promise<string | undefined> {
  const atHand = days.find((day) => day.date > after && (day.status === 'available' || day.status === 'limited'))
  if (atHand) return atHand.date
  const from = addDays(query.to, 1)
  return firstDayWithRoom(windowsOf(from, last, WINDOW_DAYS).map((window) => ({ ...query, ...window })))
}
