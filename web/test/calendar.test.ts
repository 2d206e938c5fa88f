import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Day, Requirement, Resource, Service, Slot, SlotStatus } from '../src/api/types'
import { nearestAlternatives } from '../src/calendar/alternatives'
import { findCell, moveFocus, repeatedStarts, rowsOf } from '../src/calendar/week-rows'
import { nextHighlight } from '../src/calendar/highlight'
import { firstFreeStart } from '../src/calendar/next-free'
import type { Change } from '../src/live/availability-state'
import { resourceWords } from '../src/labels/resource'
import {
  countingOf,
  dayStatusWord,
  describeChanges,
  looksTheSame,
  noTimesText,
  placesText,
  slotText,
  standingOf,
  standingOfDay,
  standingText,
} from '../src/labels/slot'

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

test('arrows pass by days that have nothing in the row, as long as every day can be come to', () => {
  const opensLater = rowsOf([
    day('2026-11-28', slot(at('2026-11-28', '09:00')), slot(at('2026-11-28', '10:00'))),
    day('2026-11-29'),
    day('2026-11-30', slot(at('2026-11-30', '10:00'))),
    day('2026-12-01', slot(at('2026-12-01', '09:00')), slot(at('2026-12-01', '10:00'))),
  ])
  assert.deepEqual(moveFocus(opensLater, { row: 0, column: 0 }, 'ArrowRight'), { row: 0, column: 3 })
  assert.deepEqual(moveFocus(opensLater, { row: 0, column: 3 }, 'ArrowLeft'), { row: 0, column: 0 })
  assert.deepEqual(moveFocus(opensLater, { row: 1, column: 0 }, 'ArrowRight'), { row: 1, column: 2 })
  const shifted = rowsOf([
    day('2026-11-28', slot(at('2026-11-28', '09:00'))),
    day('2026-11-29', slot(at('2026-11-29', '09:30'))),
    day('2026-11-30', slot(at('2026-11-30', '09:00'))),
  ])
  assert.deepEqual(moveFocus(shifted, { row: 0, column: 0 }, 'ArrowRight'), { row: 1, column: 1 })
  assert.deepEqual(moveFocus(shifted, { row: 1, column: 1 }, 'ArrowRight'), { row: 0, column: 2 })
})

test('a cell is found by its start', () => {
  const rows = rowsOf(days)
  assert.deepEqual(findCell(rows, at('2026-11-25', '10:00')), { row: 2, column: 2 })
  assert.equal(findCell(rows, 'elsewhere'), undefined)
  assert.equal(findCell(rows, undefined), undefined)
})

test('a slot flashes at most once a second, and each change prolongs its tag', () => {
  const first = nextHighlight(undefined, 0)
  assert.deepEqual(first, { expiresAt: 2000, flashedAt: 0, flashes: 1 })
  const soon = nextHighlight(first, 999)
  assert.deepEqual(soon, { expiresAt: 2999, flashedAt: 0, flashes: 1 })
  assert.deepEqual(nextHighlight(soon, 1000), { expiresAt: 3000, flashedAt: 1000, flashes: 2 })
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

const one = { ...slot('x'), capacity: 1, remaining: 1 }

test('a slot in words: places are counted where they mean something', () => {
  assert.equal(slotText(slot('x'), 'places'), '2 left')
  assert.equal(slotText(slot('x'), 'none'), 'Free')
  assert.equal(slotText(slot('x', 'limited', 1), 'places'), '1 left')
  assert.equal(slotText(slot('x', 'limited', 1), 'none'), 'Last one')
  assert.equal(slotText(slot('x', 'limited', 2), 'none'), 'Few left')
  for (const counting of ['places', 'none'] as const) {
    assert.equal(slotText(slot('x', 'full'), counting), 'Full')
    assert.equal(slotText(one, counting), 'Free')
    assert.equal(placesText(one, counting), 'Free')
  }
  assert.equal(placesText(slot('x'), 'places'), '2 of 3 places left')
  assert.equal(placesText(slot('x', 'full', 2), 'places'), '2 of 3 places left, too few for your party')
  assert.equal(placesText(slot('x', 'full'), 'none'), 'Taken')
})

test('too few places for a party are neither free nor full, in every word', () => {
  const few = slot('x', 'full', 2)
  assert.equal(standingOf(few), 'too-few')
  assert.equal(slotText(few, 'places'), 'Only 2')
  assert.equal(standingText(few, 'places'), '2 of 3 places left, too few for your party')
  assert.equal(standingText(slot('x', 'full'), 'places'), 'Full: 0 of 3 places left')
  const of = (...slots: Slot[]): Day => ({ date: '2026-11-24', status: 'full', slots })
  assert.equal(standingOfDay(of(slot('a', 'full'), few)), 'too-few')
  assert.equal(standingOfDay(of(slot('a', 'full'))), 'full')
  assert.equal(dayStatusWord(of(few), { today: '2026-11-24', last: '2026-12-24' }), 'Too few')
  const change = { date: 'x', before: slot(at('2026-11-23', '09:00')), after: slot(at('2026-11-23', '09:00'), 'full', 1) }
  assert.match(describeChanges([change], 'Europe/Berlin', 'places'), /now 1 of 3 places left, too few for your party\.$/)
})

test('what looks the same to a visitor is no change', () => {
  const four = { ...slot('x'), capacity: 4, remaining: 4 }
  assert.ok(looksTheSame(four, { ...four, remaining: 3 }, 'none'))
  assert.ok(!looksTheSame(four, { ...four, remaining: 3 }, 'places'))
  assert.ok(!looksTheSame(four, { ...four, remaining: 1, status: 'limited' }, 'none'))
  assert.ok(!looksTheSame(slot('x', 'full'), slot('x', 'full', 1), 'places'))
  assert.ok(!looksTheSame(undefined, four, 'none'))
  assert.ok(looksTheSame(undefined, undefined, 'none'))
})

test('without counts, words and colours say the same', () => {
  const words = new Map<string, SlotStatus>()
  for (const status of ['available', 'limited', 'full'] as const) {
    for (const remaining of status === 'full' ? [0] : [1, 2, 3]) {
      const text = slotText(slot('x', status, remaining), 'none')
      assert.equal(words.get(text) ?? status, status, text)
      words.set(text, status)
    }
  }
})

const named = (...names: string[]): Resource[] => names.map((name, i) => ({ id: `r${i}`, name, capacity: 1 }))

test('counts mean something where a place is one of several in the same thing', () => {
  const service = (requires: Partial<Requirement>): Service =>
    ({ requires: [{ units: 1, per_person: false, ...requires }] }) as Service
  const barbers = named('Aylin', 'Jonas')
  const boat = [{ id: 'boat', name: 'Boat', capacity: 80 }]
  assert.equal(countingOf(service({ any_of: ['r0', 'r1'] }), barbers), 'none')
  assert.equal(countingOf(service({ resource: 'r0' }), barbers), 'none')
  assert.equal(countingOf(service({ resource: 'boat' }), boat), 'places')
  assert.equal(countingOf(service({ any_of: ['r0', 'r1'], per_person: true }), barbers), 'places')
  assert.equal(countingOf(undefined, []), 'none')
})

test('a choice among a pool is asked for by what it is', () => {
  const question = (...names: string[]) => resourceWords(named(...names)).question
  assert.equal(question('Aylin', 'Jonas', 'Emre'), 'With whom?')
  assert.equal(question('Dr. Mia van Dyk', 'Dr. Tom O’Hara'), 'With whom?')
  assert.equal(question('Dr Mia', 'Dr Tom'), 'With whom?')
  assert.equal(question('Court 1', 'Court 2'), 'Which court?')
  assert.equal(question('Clay court', 'Hard court'), 'Which court?')
  assert.equal(question('Clay court 1', 'Clay court 2'), 'Which clay court?')
  assert.equal(question('North tennis court', 'South tennis court'), 'Which tennis court?')
  assert.equal(question('Court', 'Court'), 'With whom?', 'without anything that tells them apart, nothing is shared')
  assert.equal(question('Tisch 4', 'Tisch 12'), 'Which tisch?')
  assert.equal(question('Blue', '2nd floor'), 'Which one?')
  assert.deepEqual(resourceWords(named('Room A', 'Room B')), { question: 'Which room?', any: 'Any room' })
  assert.equal(resourceWords([{ id: 'a', name: 'Atrium', capacity: 12 }]).question, 'Which one?')
})

test('a day without a time left is not called closed while it is today', () => {
  const closed: Day = { date: '2026-11-24', status: 'closed', slots: [] }
  const from = (today: string, last = '2026-12-24') => ({ today, last })
  assert.equal(dayStatusWord(closed, from('2026-11-24')), 'No times today')
  assert.equal(dayStatusWord(closed, from('2026-11-23')), 'Closed')
  assert.equal(dayStatusWord({ ...closed, status: 'full' }, from('2026-11-24')), 'Full')
  assert.equal(dayStatusWord(closed, from('2026-11-20', '2026-11-23')), 'Not yet open', 'beyond the horizon')
  assert.match(noTimesText(closed.date, from('2026-11-20', '2026-11-23')), /not open for booking yet/i)
  assert.match(noTimesText(closed.date, from('2026-11-23')), /closed/i)
  assert.match(noTimesText(closed.date, from('2026-11-24')), /today/)
})

test('the next free time is a time, of today too, and after the one that was found before', () => {
  const today = day(
    '2026-11-23',
    slot(at('2026-11-23', '09:00'), 'full'),
    slot(at('2026-11-23', '10:00')),
    slot(at('2026-11-23', '11:00')),
  )
  const all = [today, day('2026-11-24'), day('2026-11-25', slot(at('2026-11-25', '08:00'), 'limited'))]
  assert.equal(firstFreeStart(all, { date: '2026-11-23' }), at('2026-11-23', '10:00'))
  assert.equal(firstFreeStart(all, { date: '2026-11-23', after: at('2026-11-23', '10:00') }), at('2026-11-23', '11:00'))
  assert.equal(firstFreeStart(all, { date: '2026-11-23', after: at('2026-11-23', '11:00') }), at('2026-11-25', '08:00'))
  assert.equal(firstFreeStart(all, { date: '2026-11-24' }), at('2026-11-25', '08:00'))
  assert.equal(firstFreeStart(all, { date: '2026-11-24', after: at('2026-11-25', '08:00') }), undefined)
})

test('starts of an hour that happens twice are told apart', () => {
  const twice = [slot(at('2026-10-25', '02:30', '+02:00')), slot(at('2026-10-25', '02:30', '+01:00'))]
  const found = repeatedStarts([
    day('2026-10-25', ...twice, slot(at('2026-10-25', '03:00'))),
    day('2026-10-26', slot(at('2026-10-26', '02:30'))),
  ])
  assert.deepEqual(
    [...found],
    twice.map((s) => s.start),
  )
})

test('any number of changes is one sentence', () => {
  const zone = 'Europe/Berlin'
  const change = { date: '2026-11-23', before: slot(at('2026-11-23', '09:00')), after: slot(at('2026-11-23', '09:00'), 'full') }
  const say = (changes: Change[]) => describeChanges(changes, zone, 'places')
  assert.equal(say([]), '')
  assert.match(say([change]), /23 Nov.*: now full, 0 of 3 places left\.$/)
  assert.equal(say([change, change, { date: 'x', before: slot('x') }]), '3 times changed, 2 now full.')
  const watched = { date: 'x', before: slot(at('2026-11-23', '10:00')), after: slot(at('2026-11-23', '10:00'), 'limited', 1) }
  assert.equal(say([change, watched]), '2 times changed, 1 now full, 1 now limited.')
  const [first, others] = describeChanges([change, watched], zone, 'places', watched.after.start).split('. ')
  assert.match(first ?? '', /10:00: now limited, 1 of 3 places left/)
  assert.equal(others, '1 time changed, 1 now full.')
})
