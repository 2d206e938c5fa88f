import type { Day, Resource, Service, Slot, SlotStatus } from '../api/types'
import type { Change } from '../live/availability-state'
import { formatLength, formatShortMoment, plural } from '../time/format'

export const statusWord: Record<SlotStatus, string> = {
  available: 'Available',
  limited: 'Limited',
  full: 'Full',
  closed: 'Closed',
}

/** What one place of a service is to a customer: a number to count, or nothing but free or taken. */
export type Counting = 'places' | 'none'

/**
 * Whether the number left means something to a customer. Places in a class or on a boat do; how many barbers or courts are
 * free at a time does not, when one is as good as another.
 */
export function countingOf(service: Service | undefined, resources: Resource[]): Counting {
  const capacity = new Map(resources.map(({ id, capacity }) => [id, capacity]))
  const shared = (service?.requires ?? []).some(
    ({ resource, any_of, per_person }) =>
      per_person || [resource, ...(any_of ?? [])].some((id) => id && (capacity.get(id) ?? 1) > 1),
  )
  return shared ? 'places' : 'none'
}

/** The short text beside a slot's icon. */
export function slotText(slot: Slot, counting: Counting): string {
  if (slot.status === 'full') return 'Full'
  if (counting === 'places' && slot.capacity > 1) return `${slot.remaining} left`
  if (slot.status === 'limited') return slot.remaining === 1 ? 'Last one' : 'Few left'
  return 'Free'
}

/** "3 of 12 places left", for people who want to know exactly. */
export function placesText(slot: Slot, counting: Counting): string {
  if (counting === 'none' || slot.capacity <= 1) return slot.status === 'full' ? 'Taken' : slotText(slot, counting)
  const left = `${slot.remaining} of ${plural(slot.capacity, 'place')} left`
  return slot.status === 'full' && slot.remaining > 0 ? `${left}, too few for your party` : left
}

/** What a status means, for the legend: true of every service, whatever it calls limited. */
export const statusMeaning: Record<Exclude<SlotStatus, 'closed'>, string> = {
  available: 'can be booked',
  limited: 'few left, or the last one',
  full: 'nothing left',
}

/** What a day without a free time is called: of today, nobody can say that it was closed. */
export function dayStatusWord(day: Day, today: string): string {
  return day.status === 'closed' && day.date === today ? 'No more today' : statusWord[day.status]
}

/** What a customer must know before choosing: notice and party size. */
export function restrictions(service: Service): string[] {
  const lines: string[] = []
  if (service.min_notice_minutes > 0) lines.push(`Book at least ${formatLength(service.min_notice_minutes)} ahead`)
  const { min, max } = service.party_size
  if (max > 1)
    lines.push(min === max ? `For ${plural(max, 'person').replace('persons', 'people')}` : `For ${min} to ${max} people`)
  return lines
}

/** One sentence for any number of changes, for those who hear the page. */
export function describeChanges(changes: Change[], zone: string, counting: Counting): string {
  const [first] = changes
  if (!first) return ''
  if (changes.length > 1) {
    const full = changes.filter((change) => change.after?.status === 'full').length
    return `${plural(changes.length, 'time')} changed${full > 0 ? `, ${full} now full` : ''}.`
  }
  const slot = first.after ?? first.before
  if (!slot) return ''
  const state = first.after
    ? `now ${statusWord[first.after.status].toLowerCase()}, ${placesText(first.after, counting).toLowerCase()}`
    : 'no longer offered'
  return `${formatShortMoment(slot.start, zone)}: ${state}.`
}
