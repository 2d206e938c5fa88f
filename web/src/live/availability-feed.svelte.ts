import { getAvailability } from '../api/availability'
import { serverClock, serverNow } from '../api/clock'
import { type Problem, refusalIn } from '../api/problem'
import type { Availability, AvailabilityQuery } from '../api/types'
import { liveSocket } from './page-socket'
import { FeedFreshness } from './feed-freshness.svelte'
import type { Freshness } from './freshness'
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

  readonly query: AvailabilityQuery
  readonly #onChanges: (changes: Change[]) => void
  readonly #freshness = new FeedFreshness()
  readonly #subscription: LiveSubscription
  #etag: string | undefined

  constructor(query: AvailabilityQuery, onChanges: (changes: Change[]) => void) {
    this.query = query
    this.#onChanges = onChanges
    const known = cachedWindow(query)
    if (known) {
      this.state = known.state
      this.#freshness.learnData(known.goodAt)
    }
    this.#subscription = new LiveSubscription(liveSocket, {
      topic: () => ({ topic: 'availability', ...query, ...(this.state ? { position: this.state.position } : {}) }),
      onFrame: (frame) => this.#onFrame(frame),
      poll: (signal) => this.#poll(signal),
      ...this.#freshness.observer,
    })
  }

  get freshness(): Freshness {
    return this.#freshness.current
  }

  /** Tries at once whatever is waiting for its turn. */
  retry(): void {
    this.#subscription.nudge()
  }

  close(): void {
    this.#subscription.close()
    if (this.state) cacheWindow(this.query, { state: this.state, goodAt: this.#freshness.goodAt })
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
      case 'fresh':
        serverClock.learnReached(frame.as_of)
        this.#freshness.learnFrame(frame)
        break
    }
  }

  async #poll(signal: AbortSignal): Promise<void> {
    try {
      const answer = await getAvailability(this.query, this.state ? this.#etag : undefined, signal)
      this.#etag = answer.etag ?? undefined
      if (answer.data) this.#acceptSnapshot(answer.data)
      else this.#freshness.learn({ goodAt: serverNow(), staleSince: undefined })
    } catch (error) {
      this.refusal = refusalIn(error) ?? this.refusal
      throw error
    }
  }

  #acceptSnapshot(answer: Availability): void {
    serverClock.learnReached(answer.as_of)
    this.#freshness.learn({ staleSince: answer.stale ? Date.parse(answer.as_of) : undefined })
    this.#accept(applySnapshot(this.state, answer))
  }

  #accept({ state, changes }: StateUpdate): void {
    this.state = state
    this.refusal = undefined
    this.#freshness.learnData()
    if (changes.length > 0) this.#onChanges(changes)
  }
}
