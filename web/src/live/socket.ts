import { backoffDelay } from './backoff'
import { type Frame, parseFrame, type SubscriptionFrame, type Topic } from './protocol'
import { CONNECT_TIMEOUT_MS, LINGER_MS, PING_EVERY_MS, PONG_TIMEOUT_MS } from './limits'

/** The part of a browser's WebSocket that is used here. */
export interface SocketLike {
  onopen: ((event: never) => void) | null
  onmessage: ((event: MessageEvent) => void) | null
  onclose: ((event: never) => void) | null
  readyState: number
  send(text: string): void
  close(): void
}

export interface Subscriber {
  /** What to ask for, read again at every (re)connection so that it carries the latest position. */
  topic(): Topic
  onFrame(frame: SubscriptionFrame): void
  /** The connection answered after this subscription was sent: what it has is current. */
  onAlive(): void
}

export interface SocketState {
  open: boolean
  /** Failed connections in a row. */
  failures: number
  /** The last attempt ended before it was open: the server, or a proxy before it, refuses WebSockets, or is away. */
  refused: boolean
}

/** The readyState of an open WebSocket. */
const OPEN = 1

/**
 * One WebSocket to /v1/live shared by every subscription of the page. It connects while somebody subscribes, asks every
 * subscription again (with its position) after a reconnect, and notices silence by itself: the server's protocol pings are
 * invisible to a page, so it sends pings of its own and gives up on a connection that leaves one unanswered.
 */
export class LiveSocket {
  readonly #open: () => SocketLike
  readonly #random: () => number
  readonly #subscribers = new Map<string, Subscriber>()
  readonly #watchers = new Set<(state: SocketState) => void>()
  #socket: SocketLike | undefined
  #failures = 0
  #refused = false
  #everOpen = false
  #nextId = 0
  #pingsUnanswered = 0
  #reconnectTimer: ReturnType<typeof setTimeout> | undefined
  #pingTimer: ReturnType<typeof setTimeout> | undefined
  #limitTimer: ReturnType<typeof setTimeout> | undefined
  #lingerTimer: ReturnType<typeof setTimeout> | undefined

  constructor(open: () => SocketLike, random: () => number = Math.random) {
    this.#open = open
    this.#random = random
  }

  get state(): SocketState {
    return { open: this.#socket?.readyState === OPEN, failures: this.#failures, refused: this.#refused }
  }

  /** Calls back at every change of state, until the returned function is called. */
  watch(onState: (state: SocketState) => void): () => void {
    this.#watchers.add(onState)
    return () => this.#watchers.delete(onState)
  }

  subscribe(subscriber: Subscriber): () => void {
    const id = (this.#nextId++).toString(36)
    this.#subscribers.set(id, subscriber)
    clearTimeout(this.#lingerTimer)
    if (this.state.open) this.#ask(id, subscriber)
    else this.#connect()
    return () => this.#unsubscribe(id)
  }

  /** The reader is back, or the network: try at once what would have waited. */
  nudge(): void {
    if (this.#subscribers.size === 0) return
    if (this.state.open) this.#ping()
    else if (!this.#socket) {
      clearTimeout(this.#reconnectTimer)
      this.#reconnectTimer = undefined
      this.#connect()
    }
  }

  #unsubscribe(id: string): void {
    if (!this.#subscribers.delete(id)) return
    if (this.state.open) this.#send({ type: 'unsubscribe', id })
    if (this.#subscribers.size > 0) return
    if (!this.#socket) this.#shutdown() // Nobody waits for the next attempt.
    this.#lingerTimer = setTimeout(() => this.#shutdown(), LINGER_MS)
  }

  #connect(): void {
    if (this.#socket || this.#reconnectTimer !== undefined) return
    let socket: SocketLike
    try {
      socket = this.#open()
    } catch {
      this.#refused = true
      this.#failed()
      return
    }
    this.#socket = socket
    this.#everOpen = false
    socket.onopen = () => this.#opened(socket)
    socket.onmessage = (event: MessageEvent) => this.#received(socket, event.data)
    socket.onclose = () => this.#lost(socket)
    this.#limit(CONNECT_TIMEOUT_MS)
  }

  #opened(socket: SocketLike): void {
    if (socket !== this.#socket) return
    clearTimeout(this.#limitTimer)
    this.#refused = false
    this.#everOpen = true
    for (const [id, subscriber] of this.#subscribers) this.#ask(id, subscriber)
    this.#tell()
  }

  #ask(id: string, subscriber: Subscriber): void {
    this.#send({ type: 'subscribe', id, ...subscriber.topic() })
    // An up-to-date position is answered by nothing at all; the pong behind it says that it was heard.
    this.#ping()
  }

  #received(socket: SocketLike, data: unknown): void {
    if (socket !== this.#socket || typeof data !== 'string') return
    const frame = parseFrame(data)
    this.#pingsUnanswered = 0
    clearTimeout(this.#limitTimer)
    this.#failures = 0
    if (frame) this.#dispatch(frame)
  }

  #dispatch(frame: Frame): void {
    switch (frame.type) {
      case 'pong':
        for (const subscriber of this.#subscribers.values()) subscriber.onAlive()
        return
      case 'goodbye':
        this.#close()
        this.#reconnectIn(frame.reconnect_after_ms * (1 + this.#random() / 2))
        return
      case 'unsubscribed':
        return
      default:
        this.#subscribers.get(frame.id ?? '')?.onFrame(frame)
    }
  }

  #ping(): void {
    clearTimeout(this.#pingTimer)
    this.#send({ type: 'ping' })
    this.#pingTimer = setTimeout(() => this.#ping(), PING_EVERY_MS)
    if (this.#pingsUnanswered++ === 0) this.#limit(PONG_TIMEOUT_MS)
  }

  /** Gives the connection this long to show a sign of life. */
  #limit(ms: number): void {
    const socket = this.#socket
    clearTimeout(this.#limitTimer)
    this.#limitTimer = setTimeout(() => socket && this.#lost(socket), ms)
  }

  #lost(socket: SocketLike): void {
    if (socket !== this.#socket) return
    this.#refused = !this.#everOpen
    this.#close()
    this.#failed()
  }

  #failed(): void {
    this.#failures++
    this.#reconnectIn(backoffDelay(this.#failures, this.#random))
  }

  #reconnectIn(ms: number): void {
    this.#tell()
    if (this.#subscribers.size === 0) return
    this.#reconnectTimer = setTimeout(() => {
      this.#reconnectTimer = undefined
      this.#connect()
    }, ms)
  }

  #close(): void {
    const socket = this.#socket
    this.#socket = undefined
    this.#pingsUnanswered = 0
    clearTimeout(this.#pingTimer)
    clearTimeout(this.#limitTimer)
    if (!socket) return
    socket.onopen = socket.onmessage = socket.onclose = null
    socket.close()
  }

  #shutdown(): void {
    clearTimeout(this.#reconnectTimer)
    this.#reconnectTimer = undefined
    this.#failures = 0
    this.#close()
    this.#tell()
  }

  #send(message: object): void {
    if (this.#socket?.readyState === OPEN) this.#socket.send(JSON.stringify(message))
  }

  #tell(): void {
    const state = this.state
    for (const watcher of this.#watchers) watcher(state)
  }
}
