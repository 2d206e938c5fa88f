import type { Availability, Day, Slot, SlotStatus } from '../api/types'
import type { DeltaFrame } from './protocol'

/** What a page knows of one window of availability: the last snapshot with every delta since. Never changed in place. */
export interface AvailabilityState {
  position: string
  days: Day[]
}

/** A slot before and after; one side is missing when it came or went. */
export interface Change {
  date: string
  before?: Slot
  after?: Slot
}

export interface StateUpdate {
  state: AvailabilityState
  changes: Change[]
}

/**
 * Takes a whole new answer. Days and slots that are as before keep their identity, so that nothing is drawn again for them,
 * and the differences come out as changes: after a reconnect they deserve the same attention as a delta's.
 */
export function applySnapshot(previous: AvailabilityState | undefined, snapshot: Availability): StateUpdate {
  const changes: Change[] = []
  const before = new Map(previous?.days.map((day) => [day.date, day]))
  const days = snapshot.days.map((day) => {
    const known = before.get(day.date)
    return known ? mergeDay(known, day, changes) : day
  })
  return { state: { position: snapshot.position, days }, changes: previous ? changes : [] }
}

/** Takes a delta: absolute values of the slots that changed, `closed` for those that are no more. */
export function applyDelta(previous: AvailabilityState, delta: DeltaFrame): StateUpdate {
  const changes: Change[] = []
  const incoming = groupByDay(previous, delta.slots)
  const statuses = new Map(delta.days.map((day) => [day.date, day.status]))
  const days = previous.days.map((day) => {
    const slots = incoming.get(day.date)
    const status = statuses.get(day.date)
    if (!slots && (status === undefined || status === day.status)) return day
    const merged = slots ? patchSlots(day, slots, changes) : day.slots
    return { date: day.date, status: status ?? bestStatus(merged), slots: merged }
  })
  return { state: { position: delta.position, days }, changes }
}

/** The best status among the slots: what a day is called. */
export function bestStatus(slots: Slot[]): SlotStatus {
  const order: SlotStatus[] = ['available', 'limited', 'full']
  return order.find((status) => slots.some((slot) => slot.status === status)) ?? 'closed'
}

export function sameSlot(a: Slot, b: Slot): boolean {
  return (
    a.start === b.start && a.end === b.end && a.status === b.status && a.remaining === b.remaining && a.capacity === b.capacity
  )
}

/** A slot belongs to the date of its wall time, unless another day has its start already. */
function groupByDay(state: AvailabilityState, slots: Slot[]): Map<string, Slot[]> {
  const groups = new Map<string, Slot[]>()
  for (const slot of slots) {
    const written = slot.start.slice(0, 10)
    const has = (day: Day | undefined) => day?.slots.some(({ start }) => start === slot.start)
    const likely = state.days.find((day) => day.date === written)
    const date = has(likely) ? written : (state.days.find(has)?.date ?? written)
    groups.set(date, [...(groups.get(date) ?? []), slot])
  }
  return groups
}

function patchSlots(day: Day, incoming: Slot[], changes: Change[]): Slot[] {
  const slots = [...day.slots]
  let sorted = true
  for (const after of incoming) {
    const at = slots.findIndex(({ start }) => start === after.start)
    const before = slots[at]
    if (after.status === 'closed') {
      if (!before) continue
      changes.push({ date: day.date, before })
      slots.splice(at, 1)
    } else if (!before) {
      changes.push({ date: day.date, after })
      slots.push(after)
      sorted = false
    } else if (!sameSlot(before, after)) {
      changes.push({ date: day.date, before, after })
      slots[at] = after
    }
  }
  return sorted ? slots : slots.sort((a, b) => Date.parse(a.start) - Date.parse(b.start))
}

function mergeDay(known: Day, day: Day, changes: Change[]): Day {
  const gone = new Map(known.slots.map((slot) => [slot.start, slot]))
  const found = changes.length
  const slots = day.slots.map((after) => {
    const before = gone.get(after.start)
    gone.delete(after.start)
    if (before && sameSlot(before, after)) return before
    changes.push(before ? { date: day.date, before, after } : { date: day.date, after })
    return after
  })
  for (const before of gone.values()) changes.push({ date: day.date, before })
  return changes.length === found && day.status === known.status ? known : { ...day, slots }
}
