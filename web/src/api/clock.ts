import { CLOCK_TOLERANCE_MS, CLOCK_WAS_SET_MS, GOOD_ROUND_TRIP_MS } from './limits'

// The server judges what day it is, what has passed and when a hold expires, so every "now" of the pages is its time:
// learned from the page's own data, from Date headers and from `as_of`, whatever the visitor's clock shows.

/** The server's time, as well as it is known. */
export class ServerClock {
  #offset = 0
  #bestRoundTrip = Infinity

  /** In milliseconds since 1970. */
  now(): number {
    return Date.now() + this.#offset
  }

  /** Learns from one answer: `date` is its Date header, `sent` and `received` are local times in milliseconds. */
  learn(date: string | null, sent: number, received: number): void {
    const server = date ? Date.parse(date) + 500 : NaN
    const roundTrip = received - sent
    if (Number.isNaN(server) || roundTrip < 0) return
    const difference = server - (sent + roundTrip / 2)
    const contradicts = Math.abs(difference - this.#offset) > CLOCK_WAS_SET_MS + roundTrip / 2
    if (roundTrip > this.#bestRoundTrip && !contradicts) return
    this.#bestRoundTrip = Math.max(roundTrip, GOOD_ROUND_TRIP_MS)
    this.#offset = Math.abs(difference) > CLOCK_TOLERANCE_MS ? difference : 0
  }

  /**
   * Learns from a moment that the server's clock has certainly reached (RFC 3339), such as the `as_of` of an answer. It
   * may be old, so it only ever moves the time forward.
   */
  learnReached(instant: string): void {
    const difference = Date.parse(instant) - Date.now()
    if (difference - this.#offset > CLOCK_TOLERANCE_MS) this.#offset = difference
  }
}

export const serverClock = new ServerClock()

export function serverNow(): number {
  return serverClock.now()
}
