import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addDays, dateIn, dateRange, daysBetween, isDate, windowsOf } from '../src/time/dates'
import {
  formatAge,
  formatCountdown,
  formatDate,
  formatDateRange,
  formatLength,
  formatMoment,
  formatShortMoment,
  formatTime,
  formatTimeRange,
  offsetName,
  pageLocale,
  plural,
  sameWallTime,
  zoneName,
} from '../src/time/format'
import { formatPrice } from '../src/words/price'

const GB = 'en-GB'
const US = 'en-US'

/** Without what differs between versions of the locale data: commas, and kinds of spaces. */
const plain = (text: string) => text.replaceAll(',', '').replace(/\s/g, ' ')

test('dates are counted without any zone', () => {
  assert.equal(addDays('2026-03-28', 1), '2026-03-29')
  assert.equal(addDays('2026-03-29', 1), '2026-03-30')
  assert.equal(addDays('2026-12-31', 1), '2027-01-01')
  assert.equal(addDays('2028-03-01', -1), '2028-02-29')
  assert.deepEqual(dateRange('2026-10-24', '2026-10-26'), ['2026-10-24', '2026-10-25', '2026-10-26'])
  assert.equal(daysBetween('2026-10-24', '2026-11-24'), 31)
})

test('what day it is depends on where', () => {
  const at = Date.parse('2026-11-23T22:30:00Z')
  assert.equal(dateIn('Europe/Berlin', at), '2026-11-23')
  assert.equal(dateIn('Asia/Kolkata', at), '2026-11-24')
  assert.equal(dateIn('Australia/Lord_Howe', at), '2026-11-24')
  assert.equal(dateIn('America/New_York', at), '2026-11-23')
})

test('only real dates are dates', () => {
  for (const good of ['2026-11-24', '2028-02-29']) assert.ok(isDate(good), good)
  for (const bad of ['', null, undefined, '2026-02-30', '2026-1-1', '2026-13-01', 'tomorrow', '2026-11-24T00:00']) {
    assert.ok(!isDate(bad), String(bad))
  }
})

test('a search is cut into windows that cover it exactly', () => {
  assert.deepEqual(windowsOf('2026-11-01', '2026-11-30', 14), [
    { from: '2026-11-01', to: '2026-11-14' },
    { from: '2026-11-15', to: '2026-11-28' },
    { from: '2026-11-29', to: '2026-11-30' },
  ])
  assert.deepEqual(windowsOf('2026-11-02', '2026-11-01', 14), [])
})

test('times are told in the venue’s zone', () => {
  assert.equal(formatTime('2026-11-24T09:00:00+01:00', 'Europe/Berlin', GB), '09:00')
  assert.equal(formatTime('2026-11-24T09:00:00+01:00', 'America/New_York', GB), '03:00')
  assert.equal(plain(formatTime('2026-11-24T09:00:00+05:30', 'Asia/Kolkata', US)), '9:00 AM')
  assert.equal(
    formatTimeRange('2026-11-24T09:00:00+11:00', '2026-11-24T09:30:00+11:00', 'Australia/Lord_Howe', GB),
    '09:00 – 09:30',
  )
})

test('the two half hours of a Lord Howe fold have the same wall time and different offsets', () => {
  const zone = 'Australia/Lord_Howe'
  const [first, second] = ['2026-04-05T01:45:00+11:00', '2026-04-05T01:45:00+10:30']
  assert.equal(formatTime(first, zone, GB), '01:45')
  assert.equal(formatTime(second, zone, GB), '01:45')
  assert.equal(offsetName(zone, Date.parse(first), GB), 'GMT+11')
  assert.equal(offsetName(zone, Date.parse(second), GB), 'GMT+10:30')
})

test('a date has the same name everywhere', () => {
  assert.equal(plain(formatDate('2026-11-24', 'long', GB)), 'Tuesday 24 November')
  assert.equal(formatDate('2026-11-24', 'weekday', GB), 'Tue')
  assert.equal(formatDate('2026-11-24', 'number', US), '24')
  assert.match(plain(formatDateRange('2026-11-23', '2026-11-29', GB)), /^23 ?– ?29 Nov 2026$/)
})

test('moments say day and time', () => {
  assert.equal(plain(formatMoment('2026-11-24T09:00:00+01:00', 'Europe/Berlin', GB)), 'Tuesday 24 November 2026 at 09:00')
  assert.equal(plain(formatShortMoment('2026-11-24T22:00:00Z', 'Asia/Kolkata', GB)), 'Wed 25 Nov 03:30')
})

test('a zone is named by its place and offset', () => {
  assert.equal(zoneName('Australia/Lord_Howe', Date.parse('2026-11-24T00:00:00Z'), GB), 'Lord Howe time (GMT+11)')
  assert.equal(zoneName('Europe/Berlin', Date.parse('2026-07-01T00:00:00Z'), GB), 'Berlin time (GMT+2)')
})

test('zones are the same when their wall time is', () => {
  const winter = Date.parse('2026-11-24T00:00:00Z')
  assert.ok(sameWallTime('Europe/Berlin', 'Europe/Paris', winter))
  assert.ok(!sameWallTime('Europe/Berlin', 'Europe/London', winter))
  assert.ok(sameWallTime('Europe/London', 'UTC', winter))
  assert.ok(!sameWallTime('Europe/London', 'UTC', Date.parse('2026-07-01T00:00:00Z')))
})

test('lengths, ages and countdowns', () => {
  assert.deepEqual([0, 20, 60, 90, 1440, 2940].map(formatLength), ['0 min', '20 min', '1 h', '1 h 30 min', '1 day', '2 days 1 h'])
  assert.deepEqual([-3, 1, 41, 130, 7200].map(formatAge), ['0 seconds', '1 second', '41 seconds', '2 minutes', '2 hours'])
  assert.deepEqual([605, 60, 59.2, 0, -1].map(formatCountdown), ['10:05', '1:00', '1:00', '0:00', '0:00'])
  assert.equal(plural(1, 'place'), '1 place')
})

test('prices keep cents only where there are any', () => {
  assert.equal(formatPrice({ amount: '25.00', currency: 'EUR' }, GB), '€25')
  assert.equal(formatPrice({ amount: '19.50', currency: 'AUD' }, GB), 'A$19.50')
  assert.equal(formatPrice({ amount: '3', currency: 'nonsense' }, GB), '3 nonsense')
})

test('of the reader’s languages, only an English one decides', () => {
  assert.equal(pageLocale(['de-DE', 'en-US']), 'en-US')
  assert.equal(pageLocale(['de-DE']), 'en-GB')
  assert.equal(pageLocale([]), 'en-GB')
})
