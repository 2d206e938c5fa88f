import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Day, Slot, SlotStatus } from '../src/api/types'
import { nearestAlternatives } from '../src/calendar/alternatives'
import { findCell, moveFocus, rowsOf } from '../src/calendar/grid'
import { nextHighlight } from '../src/calendar/highlight'
import { describeChanges, placesText, slotText } from '../src/words/slot'

function slot(start: string, status: SlotStatus = 'available', remaining = status === 'full' ? 0 : 2): Slot {
  return { start, end: start, remaining, capacity: 3, status }
}

function day(date: string, ...slots: Slot[]): Day {
  return { date, status: 'available', slots }
}

const at = (date: string, time: string, offset = '+01:00') => `${date}T${time}:00${offset}`

const days = [
  day('2026-11-23', slot(at('2026-11-23', '09:00')), slot(at('2026-11-23', '10:00'))),
  day('2026-11-24'),
  day('2026-11-25', slot(at('2026-11-25', '09:30'), 'full'), slot(at('2026-11-25', '10:00'), 'limited')),
]

test('rows are the wall times of all days, columns the days', () => {
  const rows = rowsOf(days)
  assert.deepEqual(
    rows.map((row) => row.key),
    ['09:00', '09:30', '10:00'],
  )
  assert.deepEqual(
    rows.map((row) => row.cells.map((cell) => cell !== undefined)),
    [
      [true, false, false],
      [false, false, true],
      [true, false, true],
    ],
  )
})

test('the second 02:30 of a fold has a row of its own', () => {
  const fold = day(
    '2026-10-25',
    slot(at('2026-10-25', '02:30', '+02:00')),
    slot(at('2026-10-25', '02:30', '+01:00')),
    slot(at('2026-10-25', '03:00')),
  )
  assert.deepEqual(
    rowsOf([fold]).map((row) => row.key),
    ['02:30', '02:30+', '03:00'],
  )
})

test('arrows skip holes and stop at the edges', () => {
  const rows = rowsOf(days)
  assert.deepEqual(moveFocus(rows, { row: 0, column: 0 }, 'ArrowDown'), { row: 2, column: 0 })
  assert.deepEqual(moveFocus(rows, { row: 0, column: 0 }, 'ArrowRight'), { row: 1, column: 2 })
  assert.deepEqual(moveFocus(rows, { row: 2, column: 2 }, 'ArrowLeft'), { row: 2, column: 0 })
  assert.deepEqual(moveFocus(rows, { row: 2, column: 2 }, 'Home'), { row: 2, column: 0 })
  assert.deepEqual(moveFocus(rows, { row: 2, column: 0 }, 'End'), { row: 2, column: 2 })
  assert.equal(moveFocus(rows, { row: 0, column: 0 }, 'ArrowUp'), undefined)
  assert.equal(moveFocus(rows, { row: 0, column: 0 }, 'ArrowLeft'), undefined)
  assert.equal(moveFocus(rows, { row: 2, column: 2 }, 'ArrowRight'), undefined)
  assert.equal(moveFocus(rows, { row: 0, column: 0 }, 'x'), undefined)
  assert.equal(moveFocus([], { row: 0, column: 0 }, 'ArrowDown'), undefined)
})

test('a cell is found by its start', () => {
  const rows = rowsOf(days)
  assert.deepEqual(findCell(rows, at('2026-11-25', '10:00')), { row: 2, column: 2 })
  assert.equal(findCell(rows, 'elsewhere'), undefined)
  assert.equal(findCell(rows, undefined), undefined)
})

test('a slot flashes at most once a second, and each change prolongs its tag', () => {
  const first = nextHighlight(undefined, 0)
  assert.deepEqual(first, { until: 2000, flashedAt: 0, flashes: 1 })
  const soon = nextHighlight(first, 999)
  assert.deepEqual(soon, { until: 2999, flashedAt: 0, flashes: 1 })
  assert.deepEqual(nextHighlight(soon, 1000), { until: 3000, flashedAt: 1000, flashes: 2 })
})

test('twenty changes a second for ten seconds flash ten times', () => {
  let highlight = nextHighlight(undefined, 0)
  for (let now = 50; now < 10_000; now += 50) highlight = nextHighlight(highlight, now)
  assert.equal(highlight.flashes, 10)
})

test('alternatives are the nearest that have room, the earlier first', () => {
  const found = nearestAlternatives(days, at('2026-11-25', '09:30'), 2)
  assert.deepEqual(
    found.map((slot) => slot.start),
    [at('2026-11-25', '10:00'), at('2026-11-23', '10:00')],
  )
})

test('a slot in words', () => {
  assert.equal(slotText(slot('x')), '2 left')
  assert.equal(slotText(slot('x', 'full')), 'Full')
  assert.equal(slotText({ ...slot('x'), capacity: 1, remaining: 1 }), 'Free')
  assert.equal(placesText(slot('x')), '2 of 3 places left')
  assert.equal(placesText(slot('x', 'full', 2)), '2 of 3 places left, too few for your party')
})

test('any number of changes is one sentence', () => {
  const zone = 'Europe/Berlin'
  const change = { date: '2026-11-23', before: slot(at('2026-11-23', '09:00')), after: slot(at('2026-11-23', '09:00'), 'full') }
  assert.equal(describeChanges([], zone), '')
  assert.match(describeChanges([change], zone), /23 Nov.*: now full, 0 of 3 places left\.$/)
  assert.equal(describeChanges([change, change, { date: 'x', before: slot('x') }], zone), '3 times changed, 2 now full.')
})
