import type { AvailabilityQuery } from '../api/types'
import { backoffDelay } from './backoff'
import { parseFrame, type SubscriptionFrame } from './protocol'
import { CONNECT_TIMEOUT_MS, STREAM_SILENCE_MS } from './limits'

// Server-Sent Events for one query: what brings changes where a proxy refuses WebSockets. Read with fetch and not with
// EventSource, which hides the server's comments, so that a page could not tell a quiet stream from a dead one, and which
// gives up for good when it is answered with a problem.

export interface EventStreamUser {
  /** What to ask for, read again at every connection so that it carries the latest position. */
  query(): AvailabilityQuery & { position?: string }
  onFrame(frame: SubscriptionFrame): void
  /** The server was heard: what is shown is current. */
  onAlive(): void
  /** The stream ended or could not begin; it is tried again by itself. */
  onLost(): void
}

/** Opens the stream: fetch, or a fake. */
export type OpenStream = (url: string, init: RequestInit) => Promise<Response>

export class EventStream {
  readonly #user: EventStreamUser
  readonly #open: OpenStream
  #controller: AbortController | undefined
  #limitTimer: ReturnType<typeof setTimeout> | undefined
  #retryTimer: ReturnType<typeof setTimeout> | undefined
  #failures = 0

  constructor(user: EventStreamUser, open: OpenStream = (url, init) => fetch(url, init)) {
    this.#user = user
    this.#open = open
  }

  get running(): boolean {
    return this.#controller !== undefined
  }

  start(): void {
    if (this.running) return
    this.#failures = 0
    this.#connect()
  }

  stop(): void {
    clearTimeout(this.#limitTimer)
    clearTimeout(this.#retryTimer)
    this.#controller?.abort()
    this.#controller = undefined
  }

  /** Tries at once what would have waited. */
  nudge(): void {
    if (this.#retryTimer === undefined || !this.running) return
    clearTimeout(this.#retryTimer)
    this.#retryTimer = undefined
    this.#connect()
  }

  #connect(): void {
    this.#retryTimer = undefined
    const controller = new AbortController()
    this.#controller = controller
    this.#limit(controller, CONNECT_TIMEOUT_MS)
    void this.#run(controller)
  }

  async #run(controller: AbortController): Promise<void> {
    let wait: number | undefined
    try {
      const headers = { accept: 'text/event-stream' }
      const response = await this.#open(streamPath(this.#user.query()), { headers, signal: controller.signal, cache: 'no-store' })
      if (response.ok && isEventStream(response) && response.body) wait = await this.#read(response.body, controller)
    } catch {
      // A refused, broken or aborted stream: lost, like one that ended.
    }
    if (controller !== this.#controller) return
    clearTimeout(this.#limitTimer)
    this.#failures++
    this.#user.onLost()
    if (controller !== this.#controller) return
    this.#retryTimer = setTimeout(() => this.#connect(), wait ?? backoffDelay(this.#failures + 1))
  }

  /** Reads events until the stream ends; what the server said about when to come back, if it did. */
  async #read(body: ReadableStream<Uint8Array>, controller: AbortController): Promise<number | undefined> {
    const reader = body.getReader()
    const decoder = new TextDecoder()
    let text = ''
    for (;;) {
      const { done, value } = await reader.read()
      if (done || controller !== this.#controller) return undefined
      this.#limit(controller, STREAM_SILENCE_MS)
      text += decoder.decode(value, { stream: true })
      const events = text.split('\n\n')
      text = events.pop() ?? ''
      for (const event of events) {
        const frame = frameOf(event)
        if (frame?.type === 'goodbye') return frame.reconnect_after_ms * (1 + Math.random() / 2)
        if (frame && 'id' in frame && frame.type !== 'unsubscribed') this.#user.onFrame(frame as SubscriptionFrame)
      }
      this.#failures = 0
      this.#user.onAlive()
    }
  }

  /** Gives the connection this long to show a sign of life. */
  #limit(controller: AbortController, ms: number): void {
    clearTimeout(this.#limitTimer)
    this.#limitTimer = setTimeout(() => controller.abort(), ms)
  }
}

function isEventStream(response: Response): boolean {
  return response.headers.get('content-type')?.startsWith('text/event-stream') ?? false
}

/** One block of the stream as the frame that a WebSocket would bring; undefined for comments and unknown events. */
export function frameOf(event: string): ReturnType<typeof parseFrame> {
  let type = ''
  let data = ''
  for (const line of event.split(/\r?\n/)) {
    if (line.startsWith('event:')) type = line.slice(6).trim()
    if (line.startsWith('data:')) data += line.slice(5)
  }
  if (!type || !data.trim()) return undefined
  return parseFrame(`{"type":${JSON.stringify(type)},"id":"",${data.trim().slice(1)}`)
}

function streamPath({ party_size, ...query }: AvailabilityQuery & { position?: string }): string {
  return `/v1/live?${new URLSearchParams({ ...query, party_size: String(party_size) })}`
}
