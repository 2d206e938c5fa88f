import { zoneOffsetMinutes } from './wall-time'

// Calendar dates as the API writes them ("2026-11-24"): plain text, so that no machine's zone can shift them.

const DAY_MS = 86_400_000

/** Midday UTC of a date: safely inside the date for arithmetic and for formatting in UTC. */
export function middayUTC(date: string): number {
  return Date.parse(`${date}T12:00:00Z`)
}

export function addDays(date: string, days: number): string {
  return new Date(middayUTC(date) + days * DAY_MS).toISOString().slice(0, 10)
}

/** The dates from the first to the last, both included. */
export function dateRange(first: string, last: string): string[] {
  const dates: string[] = []
  for (let date = first; date <= last; date = addDays(date, 1)) dates.push(date)
  return dates
}

export function daysBetween(first: string, last: string): number {
  return Math.round((middayUTC(last) - middayUTC(first)) / DAY_MS)
}

/** The date at a moment in milliseconds, where the wall is this many minutes ahead of UTC. */
export function dateAtOffset(offset: number, at: number): string {
  return new Date(at + offset * 60_000).toISOString().slice(0, 10)
}

/** The date in a zone at a moment in milliseconds; undefined when the browser does not know the zone. */
export function dateIn(zone: string, at: number): string | undefined {
  const offset = zoneOffsetMinutes(zone, at)
  return offset === undefined ? undefined : dateAtOffset(offset, at)
}

/** Whether the text is a real date; what stands in an address is anybody's text. */
export function isDate(text: string | null | undefined): text is string {
  return !!text && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(middayUTC(text)) && addDays(text, 0) === text
}

/**
 * Splits a search for room into windows of at most `size` days, so that the answer to each stays small.
 * Both `first` and `last` are included.
 */
export function windowsOf(first: string, last: string, size: number): { from: string; to: string }[] {
  const windows: { from: string; to: string }[] = []
  for (let from = first; from <= last; from = addDays(from, size)) {
    const to = addDays(from, size - 1)
    windows.push({ from, to: to < last ? to : last })
  }
  return windows
}
