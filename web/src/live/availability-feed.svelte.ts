import { getAvailability } from '../api/availability'
import { serverClock, serverNow } from '../api/clock'
import { isTransient, Problem } from '../api/problem'
import type { Availability, AvailabilityQuery } from '../api/types'
import { clock } from '../ui/clock.svelte'
import { liveSocket } from './page-socket'
import { type Facts, type Freshness, freshnessOf } from './freshness'
import { applyDelta, applySnapshot, type Change, type AvailabilityState, type StateUpdate } from './availability-state'
import { cachedWindow, cacheWindow } from './window-cache'
import { LiveSubscription } from './live-subscription'
import type { SubscriptionFrame } from './protocol'

/**
 * The live availability of one window, however it arrives. Create one per window and close it when another is shown;
 * `onChanges` hears every difference to what was shown before.
 */
export class AvailabilityFeed {
  state = $state.raw<AvailabilityState>()
  /** Why there will be no data: the question itself is wrong, so asking again is no use. */
  refusal = $state.raw<Problem>()
  #facts = $state.raw<Facts>({ hasData: false, goodAt: 0, staleSince: undefined, transport: 'none', failures: 0 })

  readonly query: AvailabilityQuery
  readonly #onChanges: (changes: Change[]) => void
  readonly #subscription: LiveSubscription
  #etag: string | undefined

  constructor(query: AvailabilityQuery, onChanges: (changes: Change[]) => void) {
    this.query = query
    this.#onChanges = onChanges
    const known = cachedWindow(query)
    if (known) {
      this.state = known.state
      this.#learn({ hasData: true, goodAt: known.goodAt })
    }
    this.#subscription = new LiveSubscription(liveSocket, {
      topic: () => ({ topic: 'availability', ...query, ...(this.state ? { position: this.state.position } : {}) }),
      onFrame: (frame) => this.#onFrame(frame),
      onAlive: () => this.#learn({ goodAt: serverNow() }),
      poll: (signal) => this.#poll(signal),
      onTransport: (transport, failures) => this.#learn({ transport, failures }),
    })
  }

  /** Computed when it is read: a feed outlives the effect that opened it, which a derived value would not. */
  get freshness(): Freshness {
    return freshnessOf(this.#facts, clock.latest)
  }

  /** Tries at once whatever is waiting for its turn. */
  retry(): void {
    this.#subscription.nudge()
  }

  close(): void {
    this.#subscription.close()
    if (this.state) cacheWindow(this.query, { state: this.state, goodAt: this.#facts.goodAt })
  }

  #onFrame(frame: SubscriptionFrame): void {
    switch (frame.type) {
      case 'snapshot':
        this.#acceptSnapshot(frame)
        break
      case 'delta':
        serverClock.learnReached(frame.committed_at)
        // Without a state there is nothing to change; the snapshot that is on its way says it all.
        if (this.state) this.#accept(applyDelta(this.state, frame))
        break
      case 'stale':
        serverClock.learnReached(frame.as_of)
        this.#learn({ staleSince: Date.parse(frame.as_of) })
        break
      case 'fresh':
        serverClock.learnReached(frame.as_of)
        this.#learn({ staleSince: undefined, goodAt: serverNow() })
        break
    }
  }

  async #poll(signal: AbortSignal): Promise<void> {
    try {
      const answer = await getAvailability(this.query, this.state ? this.#etag : undefined, signal)
      this.#etag = answer.etag ?? undefined
      if (answer.data) this.#acceptSnapshot(answer.data)
      else this.#learn({ goodAt: serverNow(), staleSince: undefined })
    } catch (error) {
      if (error instanceof Problem && !isTransient(error)) this.refusal = error
      throw error
    }
  }

  #acceptSnapshot(answer: Availability): void {
    serverClock.learnReached(answer.as_of)
    this.#learn({ staleSince: answer.stale ? Date.parse(answer.as_of) : undefined })
    this.#accept(applySnapshot(this.state, answer))
  }

  #accept({ state, changes }: StateUpdate): void {
    this.state = state
    this.refusal = undefined
    this.#learn({ hasData: true, goodAt: serverNow() })
    if (changes.length > 0) this.#onChanges(changes)
  }

  #learn(news: Partial<Facts>): void {
    this.#facts = { ...this.#facts, ...news }
  }
}
