import { type BookingRef, getBooking } from '../api/bookings'
import { type Problem, refusalIn } from '../api/problem'
import type { Booking } from '../api/types'
import { LiveSubscription } from './live-subscription'
import { liveSocket } from './page-socket'
import { FeedFreshness } from './feed-freshness.svelte'
import type { Freshness } from './freshness'

/** One booking, kept current by whatever works. Close it when its page goes. */
export class BookingFeed {
  booking = $state.raw<Booking>()
  /** Why it cannot be shown: no such booking, or no right to see it. */
  refusal = $state.raw<Problem>()

  readonly ref: BookingRef
  readonly #freshness = new FeedFreshness()
  readonly #subscription: LiveSubscription

  constructor(ref: BookingRef) {
    this.ref = ref
    this.#subscription = new LiveSubscription(liveSocket, {
      topic: () => ({ topic: 'booking', venue: ref.venue, booking: ref.id, token: ref.token }),
      onFrame: (frame) => {
        if (frame.type === 'booking') this.accept(frame.booking)
        else this.#freshness.learnFrame(frame)
      },
      poll: (signal) => this.#poll(signal),
      ...this.#freshness.observer,
    })
  }

  /** Accepts a newer state that came another way: the answer to a call of this page's own. */
  accept(booking: Booking): void {
    this.booking = booking
    this.refusal = undefined
    this.#freshness.learnData()
  }

  get freshness(): Freshness {
    return this.#freshness.current
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
      this.#freshness.learn({ staleSince: undefined })
    } catch (error) {
      this.refusal = refusalIn(error) ?? this.refusal
      throw error
    }
  }
}
