import type { Day, Resource, Service, Slot, SlotStatus } from '../api/types'
import type { Change } from '../live/availability-state'
import { formatLength, formatShortMoment, plural } from '../time/format'

/** What a slot or a day is to the visitor: its status, or that there is room, but for fewer people than the party has. */
export type Standing = SlotStatus | 'too-few'

export const statusWord: Record<Standing, string> = {
  available: 'Available',
  limited: 'Limited',
  full: 'Full',
  closed: 'Closed',
  'too-few': 'Too few',
}

/** The server calls a slot full for a party that is larger than what is left. */
export function standingOf(slot: Slot): Standing {
  return slot.status === 'full' && slot.remaining > 0 ? 'too-few' : slot.status
}

/** A day is full when each of its slots is; it has too few places where a smaller party would find one. */
export function standingOfDay(day: Day): Standing {
  return day.status === 'full' && day.slots.some((slot) => standingOf(slot) === 'too-few') ? 'too-few' : day.status
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
  const standing = standingOf(slot)
  if (standing === 'too-few') return `Only ${slot.remaining}`
  if (standing === 'full') return 'Full'
  if (counting === 'places' && slot.capacity > 1) return `${slot.remaining} left`
  if (slot.status === 'limited') return slot.remaining === 1 ? 'Last one' : 'Few left'
  return 'Free'
}

/** "3 of 12 places left", for people who want to know exactly. */
export function placesText(slot: Slot, counting: Counting): string {
  if (counting === 'none' || slot.capacity <= 1) return slot.status === 'full' ? 'Taken' : slotText(slot, counting)
  const left = `${slot.remaining} of ${plural(slot.capacity, 'place')} left`
  return standingOf(slot) === 'too-few' ? `${left}, too few for your party` : left
}

/** "Full: taken", "Available: 3 of 12 places left": a slot's standing with what is known of its places. */
export function standingText(slot: Slot, counting: Counting): string {
  const places = placesText(slot, counting)
  return standingOf(slot) === 'too-few' ? places : `${statusWord[slot.status]}: ${places}`
}

/** Whether two states of a slot look the same to a visitor, for whom one court of three or of four is just free. */
export function looksTheSame(a: Slot | undefined, b: Slot | undefined, counting: Counting): boolean {
  if (!a || !b) return a === b
  return standingOf(a) === standingOf(b) && slotText(a, counting) === slotText(b, counting) && a.end === b.end
}

/** What a status means, for the legend: true of every service, whatever it calls limited. */
export const statusMeaning: Record<Exclude<Standing, 'closed'>, string> = {
  available: 'can be booked',
  limited: 'few left, or the last one',
  full: 'nothing left',
  'too-few': 'not enough places for all of you',
}

/** The dates between which times can be booked now, both included. */
export interface Bookable {
  today: string
  last: string
}

/**
 * What a day is called. Of today without a time nobody can say whether it was closed or its times have passed, and a day
 * beyond the horizon is not closed either.
 */
export function dayStatusWord(day: Day, { today, last }: Bookable): string {
  if (day.status !== 'closed') return statusWord[standingOfDay(day)]
  if (day.date > last) return 'Not yet open'
  return day.date === today ? 'No times today' : statusWord.closed
}

/** Why a day has no time at all, in a sentence. */
export function noTimesText(date: string, { today, last }: Bookable): string {
  if (date > last) return 'Not open for booking yet.'
  return date === today ? 'No times to book today.' : 'Closed on this day.'
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

/**
 * One sentence for any number of changes, for those who hear the page. What happened to the start that the visitor looks at
 * is told in full, whatever else changed with it.
 */
export function describeChanges(changes: Change[], zone: string, counting: Counting, watched?: string): string {
  const own = changes.find(({ before, after }) => (after ?? before)?.start === watched)
  if (own && changes.length > 1) {
    return `${describeChange(own, zone, counting)} ${countChanges(changes.filter((change) => change !== own))}`
  }
  const [first] = changes
  if (!first) return ''
  return changes.length > 1 ? countChanges(changes) : describeChange(first, zone, counting)
}

function countChanges(changes: Change[]): string {
  const now = (status: SlotStatus) => changes.filter((change) => change.after?.status === status).length
  const counts = [now('full') && `${now('full')} now full`, now('limited') && `${now('limited')} now limited`]
  return [`${plural(changes.length, 'time')} changed`, ...counts.filter(Boolean)].join(', ') + '.'
}

function describeChange({ before, after }: Change, zone: string, counting: Counting): string {
  const slot = after ?? before
  return slot ? `${formatShortMoment(slot.start, zone)}: ${after ? newState(after, counting) : 'no longer offered'}.` : ''
}

function newState(slot: Slot, counting: Counting): string {
  const places = placesText(slot, counting).toLowerCase()
  return standingOf(slot) === 'too-few' ? `now ${places}` : `now ${statusWord[slot.status].toLowerCase()}, ${places}`
}
