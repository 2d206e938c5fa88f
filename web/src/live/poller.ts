import { backoffDelay } from './backoff'
import { POLL_BACKOFF, POLL_EVERY_MS } from './limits'

/**
 * Repeats a question every few seconds while it runs: the plain substitute for a WebSocket that cannot be had. A failed
 * attempt makes the next one wait longer.
 */
export class Poller {
  readonly #ask: (signal: AbortSignal) => Promise<void>
  #controller: AbortController | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  /** `ask` settles one round; it throws to say that the round failed. */
  constructor(ask: (signal: AbortSignal) => Promise<void>) {
    this.#ask = ask
  }

  get running(): boolean {
    return this.#controller !== undefined
  }

  start(): void {
    if (this.#controller) return
    this.#controller = new AbortController()
    void this.#round(this.#controller, 0)
  }

  stop(): void {
    this.#controller?.abort()
    this.#controller = undefined
    clearTimeout(this.#timer)
  }

  /** Asks at once instead of at the next turn. */
  nudge(): void {
    if (!this.#controller) return
    this.stop()
    this.start()
  }

  async #round(controller: AbortController, failures: number): Promise<void> {
    let failed = failures
    try {
      await this.#ask(controller.signal)
      failed = 0
    } catch {
      failed++ // The asker has recorded what went wrong; here it only slows the pace.
    }
    if (controller !== this.#controller) return
    const wait = failed > 0 ? backoffDelay(failed, Math.random, POLL_BACKOFF) : POLL_EVERY_MS * (0.9 + 0.2 * Math.random())
    this.#timer = setTimeout(() => void this.#round(controller, failed), wait)
  }
}
