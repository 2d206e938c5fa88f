import { backoffDelay } from './backoff'
import { onReturn } from './connection'
import { Poller } from './poller'
import type { SubscriptionFrame, Topic } from './protocol'
import type { LiveSocket } from './socket'

export interface ChannelUser {
  topic(): Topic
  onFrame(frame: SubscriptionFrame): void
  onAlive(): void
  /** One round of the substitute: a plain GET. Throws when it fails. */
  poll(signal: AbortSignal): Promise<void>
  onChannel(channel: 'socket' | 'polling' | 'none', failures: number): void
}

/** How long the WebSocket gets before the substitute starts beside it. */
const GRACE_MS = 1_500

/**
 * Keeps one subscription supplied: by the WebSocket, and by polling for as long as the WebSocket does not answer. The
 * WebSocket is tried all the while, and takes over again as soon as it works.
 */
export class Channel {
  readonly #socket: LiveSocket
  readonly #user: ChannelUser
  readonly #poller: Poller
  #unsubscribe: (() => void) | undefined
  #stopWatching: () => void
  #stopReturns: () => void
  #graceTimer: ReturnType<typeof setTimeout> | undefined
  #resubscribeTimer: ReturnType<typeof setTimeout> | undefined
  #heard = false
  #pollWorks = false
  #failures = 0
  #refusals = 0

  constructor(socket: LiveSocket, user: ChannelUser) {
    this.#socket = socket
    this.#user = user
    this.#poller = new Poller((signal) => this.#round(signal))
    this.#stopWatching = socket.watch(({ open }) => {
      if (!open) this.#lostSocket()
    })
    this.#stopReturns = onReturn(() => this.nudge())
    this.#awaitSocket()
    this.#subscribe()
  }

  nudge(): void {
    this.#socket.nudge()
    this.#poller.nudge()
  }

  close(): void {
    clearTimeout(this.#graceTimer)
    clearTimeout(this.#resubscribeTimer)
    this.#stopWatching()
    this.#stopReturns()
    this.#unsubscribe?.()
    this.#poller.stop()
  }

  #subscribe(): void {
    this.#unsubscribe = this.#socket.subscribe({
      topic: () => this.#user.topic(),
      onFrame: (frame) => this.#onFrame(frame),
      onAlive: () => this.#onAlive(),
    })
  }

  #onFrame(frame: SubscriptionFrame): void {
    if (frame.type === 'error') {
      this.#refused()
      return
    }
    this.#refusals = 0
    this.#user.onFrame(frame)
    this.#onAlive()
  }

  #onAlive(): void {
    if (!this.#unsubscribe) return // Refused: the connection lives, but this subscription does not.
    this.#heard = true
    this.#failures = 0
    clearTimeout(this.#graceTimer)
    this.#graceTimer = undefined
    this.#poller.stop()
    this.#user.onAlive()
    this.#tell()
  }

  /** The server would not take the subscription. A plain GET finds out why, and whether to go on; meanwhile, ask again. */
  #refused(): void {
    this.#heard = false
    this.#refusals++
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
    this.#poller.start()
    this.#resubscribeTimer = setTimeout(() => this.#subscribe(), backoffDelay(this.#refusals + 2))
    this.#tell()
  }

  #lostSocket(): void {
    if (!this.#poller.running) this.#failures++
    this.#heard = false
    this.#awaitSocket()
    this.#tell()
  }

  #awaitSocket(): void {
    if (this.#poller.running || this.#graceTimer !== undefined) return
    this.#graceTimer = setTimeout(() => {
      this.#graceTimer = undefined
      this.#pollWorks = false
      this.#poller.start()
    }, GRACE_MS)
  }

  async #round(signal: AbortSignal): Promise<void> {
    try {
      await this.#user.poll(signal)
      this.#pollWorks = true
      this.#failures = 0
    } catch (error) {
      if (signal.aborted) return
      this.#pollWorks = false
      this.#failures++
      throw error
    } finally {
      if (!signal.aborted) this.#tell()
    }
  }

  #tell(): void {
    const channel = this.#heard ? 'socket' : this.#poller.running && this.#pollWorks ? 'polling' : 'none'
    this.#user.onChannel(channel, this.#failures)
  }
}
