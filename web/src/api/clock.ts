import { CLOCK_CONTRADICTION_MS, CLOCK_DOUBT_GRACE_MS, CLOCKS_PARTED_MS, CLOCK_TOLERANCE_MS, GOOD_ROUND_TRIP_MS } from './limits'

// The server judges what day it is, what has passed and when a hold expires, so every "now" of the pages is its time:
// learned from the page's own data, from Date headers and from `as_of`, whatever the visitor's clock shows. In between it
// goes by the browser's steady timer, which nobody can set. On some systems that timer stops while the machine sleeps, so a
// visitor's clock and timer that part are a reason to ask the server, and until it has answered nothing is called over.

/** What the time is measured by. */
export interface TimeSource {
  /** The visitor's clock: milliseconds since 1970, and can be set. */
  wall(): number
  /** Milliseconds since the page began to load; never set, and may stop while the machine sleeps. */
  steady(): number
}

const browserTime: TimeSource = { wall: () => Date.now(), steady: () => performance.now() }

/** The server's time, as well as it is known. */
export class ServerClock {
  readonly #source: TimeSource
  /** What is added to the steady timer to get the server's time. */
  #offset: number
  /** What is added to the steady timer to get the visitor's clock, as it was last seen. */
  #wallOffset: number
  /** When the two were seen to have parted, by the steady timer, and by how much; undefined once the server has answered. */
  #doubt: { since: number; sleptAtMost: number } | undefined
  #bestRoundTrip = Infinity

  constructor(source: TimeSource = browserTime) {
    this.#source = source
    this.#wallOffset = source.wall() - source.steady()
    this.#offset = this.#wallOffset
  }

  /** In milliseconds since 1970. */
  now(): number {
    return this.#source.steady() + this.#offset
  }

  /** The latest that it may be: later than now() while nobody knows whether the machine has slept. Tells how old things are. */
  latest(): number {
    const doubted = this.#doubt && this.#source.steady() - this.#doubt.since > CLOCK_DOUBT_GRACE_MS
    return this.now() + (doubted ? (this.#doubt?.sleptAtMost ?? 0) : 0)
  }

  /** Whether the machine may have slept since the server's last answer. */
  get isDoubtful(): boolean {
    return this.#doubt !== undefined
  }

  /** Compares the visitor's clock with the timer. True when they have parted since the last call: ask the server for its time. */
  check(): boolean {
    const steady = this.#source.steady()
    const parted = this.#source.wall() - steady - this.#wallOffset
    if (Math.abs(parted) < CLOCKS_PARTED_MS) return false
    this.#wallOffset += parted
    this.#bestRoundTrip = Infinity
    this.#doubt = { since: steady, sleptAtMost: Math.max(0, (this.#doubt?.sleptAtMost ?? 0) + parted) }
    return true
  }

  /** Learns from one answer: `date` is its Date header, `sent` and `received` are times of the steady timer. */
  learn(date: string | null, sent: number, received: number): void {
    const server = date ? Date.parse(date) + 500 : NaN
    const roundTrip = received - sent
    if (Number.isNaN(server) || roundTrip < 0) return
    if (this.#doubt && sent >= this.#doubt.since) this.#doubt = undefined
    const offset = server - (sent + roundTrip / 2)
    const contradicts = Math.abs(offset - this.#offset) > CLOCK_CONTRADICTION_MS + roundTrip / 2
    if (roundTrip > this.#bestRoundTrip && !contradicts) return
    this.#bestRoundTrip = Math.max(roundTrip, GOOD_ROUND_TRIP_MS)
    if (Math.abs(offset - this.#offset) > CLOCK_TOLERANCE_MS) this.#offset = offset
  }

  /**
   * Learns from a moment that the server's clock has certainly reached (RFC 3339), such as the `as_of` of an answer. It
   * may be old, so it only ever moves the time forward.
   */
  learnReached(instant: string): void {
    const behind = Date.parse(instant) - this.now()
    if (behind > CLOCK_TOLERANCE_MS) this.#offset += behind
  }
}

export const serverClock = new ServerClock()

export function serverNow(): number {
  return serverClock.now()
}
