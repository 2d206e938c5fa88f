import { middayUTC } from './dates'
import { isRepeatedHour, offsetMinutes, visitorZone, wallDate, wallMs, zoneOffsetMinutes } from './wall-time'

// Everything the pages say about time. An instant of the API is told by the wall time that it carries, which is the
// venue's; a zone is only asked whether that hour happens twice, and a browser that does not know it leaves the hint out.
// The pages are in English; of the visitor's locale only an English variant is taken, for its order of day and month and
// its 12 or 24 hours.

export function pageLocale(languages: readonly string[]): string {
  return languages.find((language) => /^en\b/i.test(language) && isLanguageTag(language)) ?? 'en-GB'
}

/** Some systems report languages that no formatter takes, such as "en-US@posix". */
function isLanguageTag(language: string): boolean {
  try {
    return Intl.getCanonicalLocales(language).length === 1
  } catch {
    return false
  }
}

const locale = pageLocale(globalThis.navigator?.languages ?? [])
const formatters = new Map<string, Intl.DateTimeFormat>()

/** Building a formatter costs a hundred times its use, and a busy week has 672 slots. */
function formatter(options: Intl.DateTimeFormatOptions, tag = locale): Intl.DateTimeFormat {
  const key = `${tag}|${JSON.stringify(options)}`
  let found = formatters.get(key)
  if (!found) {
    found = new Intl.DateTimeFormat(tag, { ...options, timeZone: 'UTC' })
    formatters.set(key, found)
  }
  return found
}

/** "9:00 AM" or "09:00" on the venue's wall; with its offset where that hour happens twice: "02:30 (GMT+2)". */
export function formatTime(instant: string, zone: string, tag?: string): string {
  const time = formatWallTime(wallMs(instant), tag)
  return isRepeatedHour(instant, zone) ? `${time} (${offsetName(instant)})` : time
}

/** A time of day, "09:30" as the API writes it, in the visitor's form. */
export function formatTimeOfDay(time: string, tag?: string): string {
  return formatWallTime(wallMs(`1970-01-01T${time}:00`), tag)
}

/** Like formatTime, and always with the offset: for a repeated hour in a zone that the browser does not know. */
export function formatTimeWithOffset(instant: string, tag?: string): string {
  return `${formatWallTime(wallMs(instant), tag)} (${offsetName(instant)})`
}

/** From start to end; an end on another date says its date, and across a change of the clocks both say their offsets. */
export function formatTimeRange(start: string, end: string, zone: string, tag?: string): string {
  return `${formatRangeStart(start, end, zone, tag)} – ${formatEnd(start, end, zone, tag)}`
}

/** "Tuesday, 24 November 2026 at 09:00 – 10:00", with the end told as in formatTimeRange. */
export function formatMomentRange(start: string, end: string, zone: string, tag?: string): string {
  const day = formatDate(wallDate(start), 'full', tag)
  return `${day} at ${formatTimeRange(start, end, zone, tag)}`
}

/** The end of something that starts at `start`: "10:00", or "Wed 25 Nov, 02:00" on another date. */
export function formatEnd(start: string, end: string, zone: string, tag?: string): string {
  const changed = offsetMinutes(start) !== offsetMinutes(end)
  const time = changed ? formatTimeWithOffset(end, tag) : formatTime(end, zone, tag)
  return wallDate(start) === wallDate(end) ? time : `${formatDate(wallDate(end), 'short', tag)}, ${time}`
}

function formatRangeStart(start: string, end: string, zone: string, tag?: string): string {
  return offsetMinutes(start) !== offsetMinutes(end) ? formatTimeWithOffset(start, tag) : formatTime(start, zone, tag)
}

/** The time of day at a moment in milliseconds in a zone; undefined when the browser does not know the zone. */
export function formatClock(at: number, zone: string, tag?: string): string | undefined {
  const offset = zoneOffsetMinutes(zone, at)
  return offset === undefined ? undefined : formatWallTime(at + offset * 60_000, tag)
}

function formatWallTime(wall: number, tag?: string): string {
  return formatter({ timeStyle: 'short' }, tag).format(wall).replace('\u202f', '\u00a0')
}

export type DayStyle = 'weekday' | 'weekday-long' | 'number' | 'short' | 'long' | 'full'

const dayStyles: Record<DayStyle, Intl.DateTimeFormatOptions> = {
  weekday: { weekday: 'short' },
  'weekday-long': { weekday: 'long' },
  number: { day: 'numeric' },
  short: { weekday: 'short', day: 'numeric', month: 'short' },
  long: { weekday: 'long', day: 'numeric', month: 'long' },
  full: { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' },
}

/** A calendar date, which has no zone of its own. */
export function formatDate(date: string, style: DayStyle, tag?: string): string {
  return formatter(dayStyles[style], tag).format(middayUTC(date))
}

/** "23 – 29 Nov 2026": as much of each end as is needed. */
export function formatDateRange(first: string, last: string, tag?: string): string {
  const format = formatter({ day: 'numeric', month: 'short', year: 'numeric' }, tag)
  return format.formatRange(middayUTC(first), middayUTC(last)).replaceAll('\u2009', ' ')
}

/** "Tuesday, 24 November 2026 at 9:00" on the venue's wall. */
export function formatMoment(instant: string, zone: string, tag?: string): string {
  return `${formatDate(wallDate(instant), 'full', tag)} at ${formatTime(instant, zone, tag)}`
}

/** "Tue 24 Nov, 9:00" on the venue's wall: for buttons and messages. */
export function formatShortMoment(instant: string, zone: string, tag?: string): string {
  return `${formatDate(wallDate(instant), 'short', tag)}, ${formatTime(instant, zone, tag)}`
}

/** An instant as it is where the visitor is; undefined when that is the venue's time, or unknown. */
export function formatForVisitor(instant: string, zone = visitorZone(), tag?: string): string | undefined {
  const at = Date.parse(instant)
  const offset = zone === undefined ? undefined : zoneOffsetMinutes(zone, at)
  if (zone === undefined || offset === undefined || offset === offsetMinutes(instant)) return undefined
  const wall = new Date(at + offset * 60_000).toISOString()
  return `${formatDate(wallDate(wall), 'full', tag)} at ${formatWallTime(wallMs(wall), tag)}, ${zoneLabel(zone, offset)}`
}

/** The offset that an instant carries: "GMT+1", "GMT-4:30", "GMT". */
export function offsetName(instant: string): string {
  return offsetLabel(offsetMinutes(instant))
}

function offsetLabel(minutes: number): string {
  if (minutes === 0) return 'GMT'
  const size = Math.abs(minutes)
  const minutePart = size % 60 ? `:${String(size % 60).padStart(2, '0')}` : ''
  return `GMT${minutes < 0 ? '-' : '+'}${Math.floor(size / 60)}${minutePart}`
}

/**
 * "Lord Howe time (GMT+11)": the place that people know, and the offset that settles doubts. Zones that are no place
 * (UTC, Etc/GMT+5, whose sign is the other way round) are their offset; without an offset the place stands alone.
 */
export function zoneLabel(zone: string, offset: number | undefined): string {
  const named = zone.includes('/') && !zone.startsWith('Etc/')
  if (!named) return offset === undefined || offset === 0 ? 'UTC' : offsetLabel(offset)
  const place = `${zone.split('/').pop()?.replaceAll('_', ' ')} time`
  return offset === undefined ? place : `${place} (${offsetLabel(offset)})`
}

/** The label of the venue's zone at an instant. */
export function zoneName(zone: string, instant: string): string {
  return zoneLabel(zone, offsetMinutes(instant))
}

/** 90 -> "1 h 30 min". */
export function formatLength(minutes: number): string {
  const days = Math.floor(minutes / 1440)
  const hours = Math.floor((minutes % 1440) / 60)
  const parts = [days && plural(days, 'day'), hours && `${hours} h`, minutes % 60 && `${minutes % 60} min`]
  return parts.filter(Boolean).join(' ') || '0 min'
}

/** 41 -> "41 seconds", 130 -> "2 minutes": how old something is. */
export function formatAge(seconds: number): string {
  const total = Math.max(0, Math.floor(seconds))
  if (total < 90) return plural(total, 'second')
  if (total < 5400) return plural(Math.round(total / 60), 'minute')
  return plural(Math.round(total / 3600), 'hour')
}

/** 605 -> "10:05": what is left of a hold. */
export function formatCountdown(seconds: number): string {
  const total = Math.max(0, Math.ceil(seconds))
  return `${Math.floor(total / 60)}:${String(total % 60).padStart(2, '0')}`
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
