import type { Service, Slot, SlotStatus } from '../api/types'
import type { Change } from '../live/availability-state'
import { formatLength, formatShortMoment, plural } from '../time/format'

export const statusWord: Record<SlotStatus, string> = {
  available: 'Available',
  limited: 'Limited',
  full: 'Full',
  closed: 'Closed',
}

/** The short text beside a slot's icon. A capacity of one has nothing to count. */
export function slotText(slot: Slot): string {
  if (slot.status === 'full') return 'Full'
  if (slot.capacity <= 1) return 'Free'
  return `${slot.remaining} left`
}

/** "3 of 12 places left", for people who want to know exactly. */
export function placesText(slot: Slot): string {
  if (slot.capacity <= 1) return slot.status === 'full' ? 'Taken' : 'Free'
  const left = `${slot.remaining} of ${plural(slot.capacity, 'place')} left`
  return slot.status === 'full' && slot.remaining > 0 ? `${left}, too few for your party` : left
}

/** What a booker must know before choosing: notice and party size. */
export function restrictions(service: Service): string[] {
  const lines: string[] = []
  if (service.min_notice_minutes > 0) lines.push(`Book at least ${formatLength(service.min_notice_minutes)} ahead`)
  const { min, max } = service.party_size
  if (max > 1)
    lines.push(min === max ? `For ${plural(max, 'person').replace('persons', 'people')}` : `For ${min} to ${max} people`)
  return lines
}

/** One sentence for any number of changes, for those who hear the page. */
export function describeChanges(changes: Change[], zone: string): string {
  const [first] = changes
  if (!first) return ''
  if (changes.length > 1) {
    const full = changes.filter((change) => change.after?.status === 'full').length
    return `${plural(changes.length, 'time')} changed${full > 0 ? `, ${full} now full` : ''}.`
  }
  const slot = first.after ?? first.before
  if (!slot) return ''
  const state = first.after
    ? `now ${statusWord[first.after.status].toLowerCase()}, ${placesText(first.after).toLowerCase()}`
    : 'no longer offered'
  return `${formatShortMoment(slot.start, zone)}: ${state}.`
}
