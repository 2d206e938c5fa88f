// The server judges when a hold expires, so countdowns run on its clock: the offset is learned from the Date header.

const TOLERANCE_MS = 1500 // The header has whole seconds; a smaller difference is noise, not an offset.

let offset = 0
let bestRoundTrip = Infinity

/** Learns from one answer: `date` is its Date header, `sent` and `received` are local times in milliseconds. */
export function learnServerTime(date: string | null, sent: number, received: number): void {
  const server = date ? Date.parse(date) + 500 : NaN
  const roundTrip = received - sent
  if (Number.isNaN(server) || roundTrip > bestRoundTrip) return
  bestRoundTrip = Math.max(roundTrip, 50)
  const difference = server - (sent + roundTrip / 2)
  offset = Math.abs(difference) > TOLERANCE_MS ? difference : 0
}

/** The server's time in milliseconds, as well as it is known. */
export function serverNow(): number {
  return Date.now() + offset
}

/** A moment of the server's clock (RFC 3339) on this machine's clock, in milliseconds. */
export function toLocalClock(instant: string): number {
  return Date.parse(instant) - offset
}
