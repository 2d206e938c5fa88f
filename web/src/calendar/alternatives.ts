import type { Alternative, Day } from '../api/types'

/** The bookable slots nearest in time to a start, the earlier of two equally near first. */
export function nearestAlternatives(days: Day[], start: string, limit = 5): Alternative[] {
  const wanted = Date.parse(start)
  return days
    .flatMap((day) => day.slots)
    .filter((slot) => slot.status === 'available' || slot.status === 'limited')
    .map((slot) => ({ slot, distance: Math.abs(Date.parse(slot.start) - wanted) }))
    .sort((a, b) => a.distance - b.distance || Date.parse(a.slot.start) - Date.parse(b.slot.start))
    .slice(0, limit)
    .map(({ slot }) => slot)
}
