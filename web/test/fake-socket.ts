import type { SocketLike } from '../src/live/socket'

/** A WebSocket whose other end is the test. */
export class FakeSocket implements SocketLike {
  onopen: (() => void) | null = null
  onmessage: ((event: MessageEvent) => void) | null = null
  onclose: (() => void) | null = null
  readyState = 0
  closed = false
  readonly sent: Record<string, unknown>[] = []

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>)
  }

  close(): void {
    this.closed = true
    this.readyState = 3
  }

  open(): void {
    this.readyState = 1
    this.onopen?.()
  }

  say(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) } as MessageEvent)
  }

  drop(): void {
    this.readyState = 3
    this.onclose?.()
  }

  get subscribed(): Record<string, unknown>[] {
    return this.sent.filter((message) => message['type'] === 'subscribe')
  }
}
