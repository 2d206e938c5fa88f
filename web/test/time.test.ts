import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addDays, dateIn, dateRange, daysBetween, isDate, windowsOf } from '../src/time/dates'
import {
  formatAge,
  formatClock,
  formatCountdown,
  formatDate,
  formatDateRange,
  formatForVisitor,
  formatLength,
  formatMoment,
  formatMomentRange,
  formatShortMoment,
  formatTime,
  formatTimeRange,
  pageLocale,
  plural,
  zoneLabel,
  zoneName,
} from '../src/time/format'
import { isRepeatedHour, offsetMinutes, zoneOffsetMinutes } from '../src/time/wall-time'
import { formatPrice } from '../src/labels/price'

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

test('times are told by the wall time that they carry', () => {
  assert.equal(formatTime('2026-11-24T09:00:00+01:00', 'Europe/Berlin', GB), '09:00')
  assert.equal(plain(formatTime('2026-11-24T09:00:00+05:30', 'Asia/Kolkata', US)), '9:00 AM')
  assert.equal(
    formatTimeRange('2026-11-24T09:00:00+11:00', '2026-11-24T09:30:00+11:00', 'Australia/Lord_Howe', GB),
    '09:00 – 09:30',
  )
})

const strangeZones = ['Etc/Unknown', 'Mars/Olympus_Mons', '', 'Europe/Kyiv2']

test('a zone that the browser does not know costs a hint and no time', () => {
  const [start, end] = ['2026-11-24T23:30:00+05:45', '2026-11-25T00:30:00+05:45']
  for (const zone of strangeZones) {
    assert.equal(formatTime(start, zone, GB), '23:30', zone)
    assert.equal(plain(formatMoment(start, zone, GB)), 'Tuesday 24 November 2026 at 23:30', zone)
    assert.equal(plain(formatTimeRange(start, end, zone, GB)), '23:30 – Wed 25 Nov 00:30', zone)
    assert.match(zoneName(zone, start), /GMT\+5:45/, zone)
    assert.equal(formatClock(Date.parse(start), zone), undefined, zone)
    assert.equal(dateIn(zone, Date.parse(start)), undefined, zone)
    assert.equal(zoneOffsetMinutes(zone, 0), undefined, zone)
    assert.equal(formatForVisitor(start, zone), undefined, zone)
    assert.ok(zoneLabel(zone, undefined), zone)
  }
})

test('negative control: the formatter itself refuses such zones', () => {
  for (const timeZone of strangeZones.filter((zone) => zone !== 'Etc/Unknown'))
    assert.throws(() => new Intl.DateTimeFormat('en', { timeZone }), RangeError)
})

/** Starts of repeated hours, and beside each others of that night which happen once. */
const folds = [
  {
    zone: 'Europe/Berlin',
    twice: ['2026-10-25T02:00:00+02:00', '2026-10-25T02:30:00+02:00', '2026-10-25T02:00:00+01:00', '2026-10-25T02:59:00+01:00'],
    once: ['2026-10-25T01:59:00+02:00', '2026-10-25T03:00:00+01:00', '2026-10-24T02:30:00+02:00', '2026-03-29T03:00:00+02:00'],
  },
  {
    zone: 'Australia/Lord_Howe',
    twice: ['2026-04-05T01:30:00+11:00', '2026-04-05T01:45:00+11:00', '2026-04-05T01:45:00+10:30'],
    once: ['2026-04-05T01:15:00+11:00', '2026-04-05T02:00:00+10:30', '2026-04-04T01:45:00+11:00'],
  },
  {
    zone: 'America/New_York',
    twice: ['2026-11-01T01:00:00-04:00', '2026-11-01T01:30:00-05:00'],
    once: ['2026-11-01T00:59:00-04:00', '2026-11-01T02:00:00-05:00', '2026-11-01T23:30:00-05:00'],
  },
  { zone: 'Asia/Kolkata', twice: [], once: ['2026-10-25T02:30:00+05:30'] },
]

test('repeated hours show their offset, and no others do', () => {
  for (const { zone, twice, once } of folds) {
    for (const start of twice) {
      assert.equal(isRepeatedHour(start, zone), true, start)
      assert.match(formatTime(start, zone, GB), /^\d\d:\d\d \(GMT[+-]/, start)
      assert.match(formatShortMoment(start, zone, GB), /\(GMT/, start)
    }
    for (const start of once) {
      assert.equal(isRepeatedHour(start, zone), false, start)
      assert.match(formatTime(start, zone, GB), /^\d\d:\d\d$/, start)
    }
  }
  assert.equal(formatTime('2026-04-05T01:45:00+10:30', 'Australia/Lord_Howe', GB), '01:45 (GMT+10:30)')
})

test('an end says what differs from its start', () => {
  const berlin = (start: string, end: string) => plain(formatTimeRange(start, end, 'Europe/Berlin', GB))
  assert.equal(berlin('2026-11-24T22:00:00+01:00', '2026-11-25T02:00:00+01:00'), '22:00 – Wed 25 Nov 02:00')
  assert.equal(berlin('2026-11-24T22:00:00+01:00', '2026-11-27T10:00:00+01:00'), '22:00 – Fri 27 Nov 10:00')
  assert.equal(berlin('2026-11-24T23:00:00+01:00', '2026-11-24T23:59:00+01:00'), '23:00 – 23:59')
  assert.equal(berlin('2026-10-25T01:30:00+02:00', '2026-10-25T02:30:00+01:00'), '01:30 (GMT+2) – 02:30 (GMT+1)')
  assert.equal(berlin('2026-03-29T01:30:00+01:00', '2026-03-29T03:30:00+02:00'), '01:30 (GMT+1) – 03:30 (GMT+2)')
  assert.equal(
    plain(formatMomentRange('2026-11-24T22:00:00+01:00', '2026-11-25T02:00:00+01:00', 'Europe/Berlin', GB)),
    'Tuesday 24 November 2026 at 22:00 – Wed 25 Nov 02:00',
  )
})

test('the clock of a place', () => {
  assert.equal(formatClock(Date.parse('2026-11-24T23:30:00Z'), 'Asia/Kathmandu', GB), '05:15')
  assert.equal(offsetMinutes('2026-11-24T09:00:00.250-04:30'), -270)
  assert.equal(offsetMinutes('2026-11-24T09:00:00Z'), 0)
})

test('the visitor’s own time is told where it differs', () => {
  const start = '2026-11-24T22:30:00+01:00'
  assert.equal(
    plain(formatForVisitor(start, 'Asia/Kolkata', GB) ?? ''),
    'Wednesday 25 November 2026 at 03:00 Kolkata time (GMT+5:30)',
  )
  assert.equal(formatForVisitor(start, 'Europe/Paris', GB), undefined)
})

test('a date has the same name everywhere', () => {
  assert.equal(plain(formatDate('2026-11-24', 'long', GB)), 'Tuesday 24 November')
  assert.equal(formatDate('2026-11-24', 'weekday', GB), 'Tue')
  assert.equal(formatDate('2026-11-24', 'number', US), '24')
  assert.match(plain(formatDateRange('2026-11-23', '2026-11-29', GB)), /^23 ?– ?29 Nov 2026$/)
})

test('moments say day and time', () => {
  assert.equal(plain(formatMoment('2026-11-24T09:00:00+01:00', 'Europe/Berlin', GB)), 'Tuesday 24 November 2026 at 09:00')
  assert.equal(plain(formatShortMoment('2026-11-25T03:30:00+05:30', 'Asia/Kolkata', GB)), 'Wed 25 Nov 03:30')
})

test('a zone is named by its place and offset, or by its offset alone', () => {
  const named = (zone: string, start: string) => zoneName(zone, start)
  assert.equal(named('Australia/Lord_Howe', '2026-11-24T00:00:00+11:00'), 'Lord Howe time (GMT+11)')
  assert.equal(named('Europe/Berlin', '2026-07-01T00:00:00+02:00'), 'Berlin time (GMT+2)')
  assert.equal(named('America/St_Johns', '2026-11-24T00:00:00-03:30'), 'St Johns time (GMT-3:30)')
  assert.equal(named('Europe/London', '2026-11-24T00:00:00Z'), 'London time (GMT)')
  assert.equal(named('Etc/GMT+5', '2026-11-24T00:00:00-05:00'), 'GMT-5')
  for (const zone of ['UTC', 'Etc/UTC', 'Etc/GMT', 'Zulu']) assert.equal(named(zone, '2026-11-24T00:00:00Z'), 'UTC')
  assert.equal(zoneLabel('Europe/Kyiv', undefined), 'Kyiv time')
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
  assert.equal(pageLocale(['en-US@posix', 'en-AU']), 'en-AU', 'what no formatter takes is passed over')
})
