import { onResume } from '../ui/resume'
import { backoffDelay } from './backoff'
import { EventStream, type OpenStream } from './event-stream'
import { Poller } from './poller'
import type { SubscriptionFrame, Topic } from './protocol'
import type { LiveSocket } from './socket'
import { type TransportMemory, visitMemory } from './transport-memory'
import { SOCKET_RETRY_MS, TRANSPORT_GRACE_MS } from './limits'

/** What brings changes right now. */
export type Transport = 'socket' | 'stream' | 'polling' | 'none'

export interface SubscriptionUser {
  topic(): Topic
  onFrame(frame: SubscriptionFrame): void
  onAlive(): void
  /** One round of polling: a plain GET. Throws when it fails. */
  poll(signal: AbortSignal): Promise<void>
  onTransport(transport: Transport, failures: number): void
}

/**
 * Keeps one subscription supplied, by the best transport that works: the page's WebSocket; an event stream where that
 * cannot be had; polling where neither can. A better one is tried all the while, and takes over as soon as it answers.
 *
 *   socket:  subscribed from the start, unless this visit knows that it is refused: then again after SOCKET_RETRY_MS
 *   stream:  at once when the WebSocket is refused, after TRANSPORT_GRACE_MS when it does not answer; for availability only
 *   polling: when the stream is lost, or has not begun after TRANSPORT_GRACE_MS
 */
export class LiveSubscription {
  readonly #socket: LiveSocket
  readonly #user: SubscriptionUser
  readonly #memory: TransportMemory
  readonly #poller: Poller
  readonly #stream: EventStream
  #unsubscribe: (() => void) | undefined
  readonly #stopWatching: () => void
  readonly #stopReturns: () => void
  #streamTimer: ReturnType<typeof setTimeout> | undefined
  #pollTimer: ReturnType<typeof setTimeout> | undefined
  #resubscribeTimer: ReturnType<typeof setTimeout> | undefined
  /** How long the next attempt at the WebSocket waits. */
  #socketDue = 0
  #heard: 'socket' | 'stream' | undefined
  #pollWorks = false
  #failures = 0
  #refusals = 0

  constructor(socket: LiveSocket, user: SubscriptionUser, memory: TransportMemory = visitMemory, openStream?: OpenStream) {
    this.#socket = socket
    this.#user = user
    this.#memory = memory
    this.#poller = new Poller((signal) => this.#pollOnce(signal))
    this.#stream = new EventStream(
      {
        query: () => queryOf(this.#user.topic()),
        onFrame: (frame) => this.#onStreamFrame(frame),
        onAlive: () => this.#onStreamAlive(),
        onLost: () => this.#onStreamLost(),
      },
      openStream,
    )
    this.#stopWatching = socket.watch((state) => {
      if (!state.open && this.#unsubscribe) this.#onSocketLost(state.refused)
    })
    this.#stopReturns = onResume(() => this.nudge())
    if (memory.socketRefused() && this.#streams) this.#startStream()
    else this.#trySocket()
    if (!this.#unsubscribe) this.#trySocketIn(SOCKET_RETRY_MS)
  }

  nudge(): void {
    this.#socket.nudge()
    this.#stream.nudge()
    this.#poller.nudge()
  }

  close(): void {
    clearTimeout(this.#streamTimer)
    clearTimeout(this.#pollTimer)
    clearTimeout(this.#resubscribeTimer)
    this.#stopWatching()
    this.#stopReturns()
    this.#leaveSocket()
    this.#stream.stop()
    this.#poller.stop()
  }

  /** An event stream is one query's; a booking has none. */
  get #streams(): boolean {
    return this.#user.topic().topic === 'availability'
  }

  // The WebSocket.

  #trySocket(): void {
    this.#streamTimer ??= setTimeout(() => this.#startNext(), TRANSPORT_GRACE_MS)
    this.#unsubscribe = this.#socket.subscribe({
      topic: () => this.#user.topic(),
      onFrame: (frame) => this.#onSocketFrame(frame),
      onAlive: () => this.#onSocketAlive(),
    })
  }

  #trySocketIn(ms: number): void {
    clearTimeout(this.#resubscribeTimer)
    this.#socketDue = ms
    this.#resubscribeTimer = setTimeout(() => this.#trySocket(), ms)
  }

  #leaveSocket(): void {
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
  }

  #onSocketFrame(frame: SubscriptionFrame): void {
    if (frame.type === 'error') {
      this.#onSubscriptionRefused()
      return
    }
    this.#refusals = 0
    this.#user.onFrame(frame)
    this.#onSocketAlive()
  }

  #onSocketAlive(): void {
    if (!this.#unsubscribe) return // Refused: the connection lives, but this subscription does not.
    this.#memory.socketWorks()
    clearTimeout(this.#streamTimer)
    this.#streamTimer = undefined
    this.#stream.stop()
    this.#stopPolling()
    this.#onHeard('socket')
  }

  /** The server would not take the subscription. A plain GET finds out why, and whether to go on; meanwhile, ask again. */
  #onSubscriptionRefused(): void {
    if (this.#heard === 'socket') this.#heard = undefined
    this.#refusals++
    this.#leaveSocket()
    this.#startPolling()
    this.#trySocketIn(backoffDelay(this.#refusals + 2))
    this.#tell()
  }

  #onSocketLost(refused: boolean): void {
    if (!this.#poller.running && !this.#stream.running) this.#failures++
    if (this.#heard === 'socket') this.#heard = undefined
    if (refused && this.#streams) this.#startStream()
    else if (!this.#poller.running && !this.#stream.running)
      this.#streamTimer ??= setTimeout(() => this.#startNext(), TRANSPORT_GRACE_MS)
    this.#tell()
  }

  #startNext(): void {
    this.#streamTimer = undefined
    if (this.#streams) this.#startStream()
    else this.#startPolling()
  }

  // The event stream.

  #startStream(): void {
    clearTimeout(this.#streamTimer)
    this.#streamTimer = undefined
    if (this.#stream.running) return
    this.#pollTimer ??= setTimeout(() => this.#startPolling(), TRANSPORT_GRACE_MS)
    this.#stream.start()
  }

  #onStreamFrame(frame: SubscriptionFrame): void {
    this.#user.onFrame(frame)
  }

  #onStreamAlive(): void {
    this.#stopPolling()
    // While the stream works, the WebSocket is asked for once in a while only: each try is a refused request.
    if (this.#unsubscribe && this.#socket.state.refused) {
      this.#memory.streamWorksInstead()
      this.#leaveSocket()
      this.#trySocketIn(SOCKET_RETRY_MS)
    } else if (!this.#unsubscribe && this.#socketDue < SOCKET_RETRY_MS && this.#refusals === 0) {
      this.#trySocketIn(SOCKET_RETRY_MS)
    }
    this.#onHeard('stream')
  }

  #onStreamLost(): void {
    if (this.#heard === 'stream') this.#heard = undefined
    this.#startPolling()
    // The network may be another one now. Not at once: a page that is being left loses its stream as well.
    if (!this.#unsubscribe && this.#refusals === 0) this.#trySocketIn(TRANSPORT_GRACE_MS)
    this.#tell()
  }

  // Polling.

  #startPolling(): void {
    clearTimeout(this.#pollTimer)
    this.#pollTimer = undefined
    if (!this.#poller.running) this.#pollWorks = false
    this.#poller.start()
  }

  #stopPolling(): void {
    clearTimeout(this.#pollTimer)
    this.#pollTimer = undefined
    this.#poller.stop()
  }

  async #pollOnce(signal: AbortSignal): Promise<void> {
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

  #onHeard(transport: 'socket' | 'stream'): void {
    this.#heard = transport
    this.#failures = 0
    this.#user.onAlive()
    this.#tell()
  }

  #tell(): void {
    const transport = this.#heard ?? (this.#poller.running && this.#pollWorks ? 'polling' : 'none')
    this.#user.onTransport(transport, this.#failures)
  }
}

function queryOf(topic: Topic) {
  if (topic.topic !== 'availability') throw new Error('Only availability has an event stream.')
  const { topic: _, ...query } = topic
  return query
}
