import { middayUTC } from './dates'

// Everything the pages say about time. Slots are always told in the venue's zone. The pages are in English; of the
// reader's locale only an English variant is taken, for its order of day and month and its 12 or 24 hours.

export function pageLocale(languages: readonly string[]): string {
  return languages.find((language) => /^en\b/i.test(language)) ?? 'en-GB'
}

const locale = pageLocale(globalThis.navigator?.languages ?? [])
const formatters = new Map<string, Intl.DateTimeFormat>()

/** Building a formatter costs a hundred times its use, and a busy week has 672 slots. */
function formatter(zone: string, options: Intl.DateTimeFormatOptions, tag = locale): Intl.DateTimeFormat {
  const key = `${tag}|${zone}|${JSON.stringify(options)}`
  let found = formatters.get(key)
  if (!found) {
    found = new Intl.DateTimeFormat(tag, { ...options, timeZone: zone })
    formatters.set(key, found)
  }
  return found
}

/** "9:00 AM" or "09:00", in the zone. */
export function formatTime(instant: string | number, zone: string, tag?: string): string {
  const at = typeof instant === 'string' ? Date.parse(instant) : instant
  return formatter(zone, { timeStyle: 'short' }, tag).format(at).replace('\u202f', '\u00a0')
}

export function formatTimeRange(start: string, end: string, zone: string, tag?: string): string {
  return `${formatTime(start, zone, tag)} – ${formatTime(end, zone, tag)}`
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
  return formatter('UTC', dayStyles[style], tag).format(middayUTC(date))
}

/** "23 – 29 Nov 2026": as much of each end as is needed. */
export function formatDateRange(first: string, last: string, tag?: string): string {
  const format = formatter('UTC', { day: 'numeric', month: 'short', year: 'numeric' }, tag)
  return format.formatRange(middayUTC(first), middayUTC(last)).replaceAll('\u2009', ' ')
}

/** "Tuesday, 24 November 2026 at 9:00" in the zone. */
export function formatMoment(instant: string, zone: string, tag?: string): string {
  const day = formatter(zone, dayStyles.full, tag).format(Date.parse(instant))
  return `${day} at ${formatTime(instant, zone, tag)}`
}

/** "Tue 24 Nov, 9:00" in the zone: for buttons and messages. */
export function formatShortMoment(instant: string, zone: string, tag?: string): string {
  return `${formatter(zone, dayStyles.short, tag).format(Date.parse(instant))}, ${formatTime(instant, zone, tag)}`
}

/** The zone's offset at a moment, as "GMT+1". */
export function offsetName(zone: string, at: number, tag?: string): string {
  const parts = formatter(zone, { timeZoneName: 'shortOffset' }, tag).formatToParts(at)
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? zone
}

/** "Lord Howe time (GMT+11)": the place people know, and the offset that settles doubts. */
export function zoneName(zone: string, at: number, tag?: string): string {
  const place = zone.split('/').pop()?.replaceAll('_', ' ') ?? zone
  return `${place} time (${offsetName(zone, at, tag)})`
}

/** Whether two zones show the same wall time at a moment. */
export function sameWallTime(zone: string, other: string, at: number): boolean {
  return offsetName(zone, at, 'en-US') === offsetName(other, at, 'en-US')
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
  const whole = Math.max(0, Math.floor(seconds))
  if (whole < 90) return plural(whole, 'second')
  if (whole < 5400) return plural(Math.round(whole / 60), 'minute')
  return plural(Math.round(whole / 3600), 'hour')
}

/** 605 -> "10:05": what is left of a hold. */
export function formatCountdown(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds))
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
