import { serverNow } from '../api/clock'
import { clock } from '../ui/clock.svelte'
import { type Facts, type Freshness, freshnessOf } from './freshness'
import type { SubscriptionFrame } from './protocol'
import type { SubscriptionUser } from './live-subscription'

/** What a feed knows about the freshness of its data. */
export class FeedFreshness {
  #facts = $state.raw<Facts>({ hasData: false, goodAt: 0, staleSince: undefined, transport: 'none', failures: 0 })

  /** What a subscription tells of its transport. */
  readonly observer: Pick<SubscriptionUser, 'onAlive' | 'onTransport'> = {
    onAlive: () => this.learn({ goodAt: serverNow() }),
    onTransport: (transport, failures) => this.learn({ transport, failures }),
  }

  /** Computed when it is read: a feed outlives the effect that opened it, which a derived value would not. */
  get current(): Freshness {
    return freshnessOf(this.#facts, clock.latest)
  }

  get goodAt(): number {
    return this.#facts.goodAt
  }

  learn(news: Partial<Facts>): void {
    this.#facts = { ...this.#facts, ...news }
  }

  /** Data has come that is current. */
  learnData(goodAt = serverNow()): void {
    this.learn({ hasData: true, goodAt })
  }

  /** The server says that it is behind the store, or that it is not any more. */
  learnFrame(frame: SubscriptionFrame): void {
    if (frame.type === 'stale') this.learn({ staleSince: Date.parse(frame.as_of) })
    if (frame.type === 'fresh') this.learn({ staleSince: undefined, goodAt: serverNow() })
  }
}
