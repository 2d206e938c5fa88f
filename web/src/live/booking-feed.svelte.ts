import { type BookingRef, getBooking } from '../api/bookings'
import { serverNow } from '../api/clock'
import { isTransient, Problem } from '../api/problem'
import type { Booking } from '../api/types'
import { clock } from '../ui/clock.svelte'
import { LiveSubscription } from './live-subscription'
import { liveSocket } from './page-socket'
import { type Facts, type Freshness, freshnessOf } from './freshness'

/** One booking, kept current by whatever works. Close it when its page goes. */
export class BookingFeed {
  booking = $state.raw<Booking>()
  /** Why it cannot be shown: no such booking, or no right to see it. */
  refusal = $state.raw<Problem>()
  #facts = $state.raw<Facts>({ hasData: false, goodAt: 0, staleSince: undefined, transport: 'none', failures: 0 })

  readonly ref: BookingRef
  readonly #subscription: LiveSubscription

  constructor(ref: BookingRef) {
    this.ref = ref
    this.#subscription = new LiveSubscription(liveSocket, {
      topic: () => ({ topic: 'booking', venue: ref.venue, booking: ref.id, token: ref.token }),
      onFrame: (frame) => {
        if (frame.type === 'booking') this.accept(frame.booking)
        if (frame.type === 'stale') this.#learn({ staleSince: Date.parse(frame.as_of) })
        if (frame.type === 'fresh') this.#learn({ staleSince: undefined, goodAt: serverNow() })
      },
      onAlive: () => this.#learn({ goodAt: serverNow() }),
      poll: (signal) => this.#poll(signal),
      onTransport: (transport, failures) => this.#learn({ transport, failures }),
    })
  }

  /** Accepts a newer state that came another way: the answer to a call of this page's own. */
  accept(booking: Booking): void {
    this.booking = booking
    this.refusal = undefined
    this.#learn({ hasData: true, goodAt: serverNow() })
  }

  /** Computed when it is read: a feed outlives the effect that opened it, which a derived value would not. */
  get freshness(): Freshness {
    return freshnessOf(this.#facts, clock.latest)
  }

  retry(): void {
    this.#subscription.nudge()
  }

  close(): void {
    this.#subscription.close()
  }

  async #poll(signal: AbortSignal): Promise<void> {
    try {
      this.accept(await getBooking(this.ref, signal))
      this.#learn({ staleSince: undefined })
    } catch (error) {
      if (error instanceof Problem && !isTransient(error)) this.refusal = error
      throw error
    }
  }

  #learn(news: Partial<Facts>): void {
    this.#facts = { ...this.#facts, ...news }
  }
}
