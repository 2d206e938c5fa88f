import { isTransient } from '../api/problem'
import { backoffDelay } from '../live/backoff'
import { onResume } from './resume'

/** Loads something once, trying again for as long as the server is merely away. Close it when its page goes. */
export class Loader<T> {
  value = $state.raw<T>()
  /** The last failure, while there is no value. */
  error = $state.raw<unknown>()
  readonly #load: (signal: AbortSignal) => Promise<T>
  readonly #controller = new AbortController()
  readonly #stopReturns: () => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #failures = 0
  #running = false

  /** With an `initial` value nothing is loaded: it came another way. */
  constructor(load: (signal: AbortSignal) => Promise<T>, initial?: T) {
    this.#load = load
    this.value = initial
    this.#stopReturns = onResume(() => {
      if (this.value === undefined && this.error !== undefined) this.retry()
    })
    if (initial === undefined) void this.#attempt()
  }

  retry(): void {
    clearTimeout(this.#timer)
    void this.#attempt()
  }

  close(): void {
    this.#controller.abort()
    clearTimeout(this.#timer)
    this.#stopReturns()
  }

  async #attempt(): Promise<void> {
    if (this.#running) return
    this.#running = true
    try {
      this.value = await this.#load(this.#controller.signal)
      this.error = undefined
    } catch (error) {
      if (this.#controller.signal.aborted) return
      this.error = error
      this.#failures++
      if (isTransient(error)) this.#timer = setTimeout(() => this.retry(), backoffDelay(this.#failures + 1))
    } finally {
      this.#running = false
    }
  }
}
