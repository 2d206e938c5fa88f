// The API writes each instant with the venue's offset ("2026-11-24T09:00:00+01:00"), so its wall time stands in the text:
// nothing here needs to know the zone. A zone that the browser does not know costs a hint, never a time.

/** The wall time of an instant as milliseconds, as if it were UTC: for formatting and arithmetic on the wall. */
export function wallMs(instant: string): number {
  return Date.parse(`${instant.slice(0, 19)}Z`)
}

/** The date on the wall: "2026-11-24". */
export function wallDate(instant: string): string {
  return instant.slice(0, 10)
}

/** The minutes that the wall is ahead of UTC at an instant. */
export function offsetMinutes(instant: string): number {
  return Math.round((wallMs(instant) - Math.floor(Date.parse(instant) / 1000) * 1000) / 60_000)
}

/** The minutes that a zone is ahead of UTC at a moment; undefined when the browser does not know the zone. */
export function zoneOffsetMinutes(zone: string, at: number): number | undefined {
  const format = zoneFormat(zone)
  if (!format || Number.isNaN(at)) return undefined
  const part: Record<string, number> = {}
  for (const { type, value } of format.formatToParts(at)) part[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
  return Math.round((Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000) / 60_000)
}

/** Whether the browser can tell the time in a zone. */
export function isKnownZone(zone: string): boolean {
  return zoneFormat(zone) !== undefined
}

/**
 * Whether an instant's wall time happens twice, since the clocks go back around it. Undefined when the browser does not
 * know the zone.
 */
export function isRepeatedHour(instant: string, zone: string): boolean | undefined {
  const wall = wallMs(instant)
  const around = offsetsAround(wallDate(instant), zone)
  if (!around) return undefined
  const [before, after] = around
  if (before <= after) return false
  // Both readings of the wall time must be real: each offset has to be in force at the instant that it leads to.
  return [before, after].every((offset) => zoneOffsetMinutes(zone, wall - offset * 60_000) === offset)
}

/** The visitor's own zone; undefined when the browser cannot say. */
export function visitorZone(): string | undefined {
  try {
    const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone
    return zone && zoneOffsetMinutes(zone, 0) !== undefined && zone !== 'Etc/Unknown' ? zone : undefined
  } catch {
    return undefined
  }
}

const zoneFormats = new Map<string, Intl.DateTimeFormat | undefined>()

function zoneFormat(zone: string): Intl.DateTimeFormat | undefined {
  if (!zoneFormats.has(zone)) zoneFormats.set(zone, newZoneFormat(zone))
  return zoneFormats.get(zone)
}

function newZoneFormat(zone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    return undefined
  }
}

const around = new Map<string, [number, number] | undefined>()
const HOUR_MS = 3_600_000

/** The zone's offsets a few hours before and after a date; looked up once, since a week asks hundreds of times. */
function offsetsAround(date: string, zone: string): [number, number] | undefined {
  const key = `${zone}|${date}`
  if (!around.has(key)) {
    const midnight = Date.parse(`${date}T00:00:00Z`)
    const here = zoneOffsetMinutes(zone, midnight)
    const before = here === undefined ? here : zoneOffsetMinutes(zone, midnight - here * 60_000 - 3 * HOUR_MS)
    const after = here === undefined ? here : zoneOffsetMinutes(zone, midnight - here * 60_000 + 27 * HOUR_MS)
    around.set(key, before === undefined || after === undefined ? undefined : [before, after])
  }
  return around.get(key)
}
