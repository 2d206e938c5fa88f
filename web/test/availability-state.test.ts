import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Availability, Slot, SlotStatus } from '../src/api/types'
import { applyDelta, applySnapshot, bestStatus, type AvailabilityState } from '../src/live/availability-state'
import type { DeltaFrame } from '../src/live/protocol'

function slot(time: string, remaining: number, date = '2026-11-24'): Slot {
  const status: SlotStatus = remaining === 0 ? 'full' : remaining === 1 ? 'limited' : 'available'
  return { start: `${date}T${time}:00+01:00`, end: `${date}T${time}:59+01:00`, remaining, capacity: 3, status }
}

function snapshot(...days: { date: string; slots: Slot[] }[]): Availability {
  return {
    venue: 'v',
    service: 's',
    time_zone: 'Europe/Berlin',
    position: 'p1',
    as_of: '2026-11-23T00:00:00Z',
    stale: false,
    days: days.map((day) => ({ ...day, status: bestStatus(day.slots) })),
  }
}

function delta(slots: Slot[], days: DeltaFrame['days'] = []): DeltaFrame {
  return { type: 'delta', id: 'a', position: 'p2', committed_at: '2026-11-23T00:00:01.000001Z', slots, days }
}

const week = snapshot(
  { date: '2026-11-24', slots: [slot('09:00', 3), slot('09:30', 1)] },
  { date: '2026-11-25', slots: [slot('09:00', 2, '2026-11-25')] },
)

function initial(): AvailabilityState {
  return applySnapshot(undefined, week).state
}

test('the first snapshot is no change', () => {
  const { state, changes } = applySnapshot(undefined, week)
  assert.equal(state.position, 'p1')
  assert.deepEqual(changes, [])
})

test('a snapshot after another reports what differs and keeps what does not', () => {
  const before = initial()
  const next = snapshot(
    { date: '2026-11-24', slots: [slot('09:00', 3), slot('09:30', 0)] },
    { date: '2026-11-25', slots: [slot('09:00', 2, '2026-11-25')] },
  )
  const { state: after, changes } = applySnapshot(before, next)
  assert.deepEqual(
    changes.map(({ before, after }) => [before?.status, after?.status]),
    [['limited', 'full']],
  )
  assert.equal(after.days[0]?.slots[0], before.days[0]?.slots[0], 'an equal slot keeps its identity')
  assert.equal(after.days[1], before.days[1], 'an equal day keeps its identity')
})

test('a snapshot without a known slot reports that it went', () => {
  const { changes } = applySnapshot(initial(), snapshot({ date: '2026-11-24', slots: [slot('09:00', 3)] }))
  assert.deepEqual(
    changes.map(({ before, after }) => [before?.start.slice(11, 16), after]),
    [['09:30', undefined]],
  )
})

test('a delta replaces slots by their start and leaves other days alone', () => {
  const before = initial()
  const { state: after, changes } = applyDelta(before, delta([slot('09:00', 0)], [{ date: '2026-11-24', status: 'limited' }]))
  assert.equal(after.position, 'p2')
  assert.equal(after.days[0]?.status, 'limited')
  assert.equal(after.days[0]?.slots[0]?.status, 'full')
  assert.equal(after.days[0]?.slots[1], before.days[0]?.slots[1])
  assert.equal(after.days[1], before.days[1])
  assert.equal(changes.length, 1)
})

test('a closed slot is removed, and is a change only if it was there', () => {
  const closed: Slot = { ...slot('09:30', 0), status: 'closed', capacity: 0 }
  const unknown: Slot = { ...slot('11:00', 0), status: 'closed', capacity: 0 }
  const { state: after, changes } = applyDelta(initial(), delta([closed, unknown]))
  assert.deepEqual(
    after.days[0]?.slots.map((slot) => slot.start.slice(11, 16)),
    ['09:00'],
  )
  assert.equal(changes.length, 1)
  assert.equal(changes[0]?.after, undefined)
})

test('a new slot takes its place in time, also across a change of offset', () => {
  const fold = snapshot({
    date: '2026-10-25',
    slots: [
      { ...slot('02:30', 2), start: '2026-10-25T02:30:00+02:00' },
      { ...slot('03:00', 2), start: '2026-10-25T03:00:00+01:00' },
    ],
  })
  const second: Slot = { ...slot('02:30', 2), start: '2026-10-25T02:30:00+01:00' }
  const { state: after } = applyDelta(applySnapshot(undefined, fold).state, delta([second]))
  assert.deepEqual(
    after.days[0]?.slots.map((slot) => slot.start),
    ['2026-10-25T02:30:00+02:00', '2026-10-25T02:30:00+01:00', '2026-10-25T03:00:00+01:00'],
  )
})

test('a delta is idempotent: the same frame twice changes nothing the second time', () => {
  const frame = delta([slot('09:00', 1)])
  const once = applyDelta(initial(), frame)
  const twice = applyDelta(once.state, frame)
  assert.deepEqual(twice.changes, [])
  assert.deepEqual(twice.state, once.state)
})

test('slots of dates outside the window are ignored', () => {
  const { state: after, changes } = applyDelta(initial(), delta([slot('09:00', 1, '2026-12-24')]))
  assert.deepEqual(changes, [])
  assert.deepEqual(after.days, initial().days)
})

test('random deltas end in the same state as the snapshot that they lead to', () => {
  let seed = 42
  const random = (below: number) => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % below
  let live = initial()
  const truth = new Map(live.days.flatMap((day) => day.slots).map((slot) => [slot.start, slot]))
  for (let round = 0; round < 500; round++) {
    const date = random(2) === 0 ? '2026-11-24' : '2026-11-25'
    const changed = slot(`${String(8 + random(10)).padStart(2, '0')}:00`, random(4), date)
    const closed = random(4) === 0
    live = applyDelta(live, delta([closed ? { ...changed, status: 'closed', remaining: 0, capacity: 0 } : changed])).state
    if (closed) truth.delete(changed.start)
    else truth.set(changed.start, changed)
  }
  const expected = [...truth.values()].sort((a, b) => Date.parse(a.start) - Date.parse(b.start))
  assert.deepEqual(
    live.days.flatMap((day) => day.slots),
    expected,
  )
})
