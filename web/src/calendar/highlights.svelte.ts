import { SvelteMap } from 'svelte/reactivity'
import type { Change } from '../live/availability-state'
import { type Highlight, nextHighlight } from './highlight'

/** The slots that changed a moment ago, by start. Each is forgotten when its tag has been shown long enough. */
export class Highlights {
  readonly #highlights = new SvelteMap<string, Highlight>()
  #timer: ReturnType<typeof setTimeout> | undefined

  of(start: string): Highlight | undefined {
    return this.#highlights.get(start)
  }

  note(changes: Change[]): void {
    const now = Date.now()
    for (const { after } of changes)
      if (after) this.#highlights.set(after.start, nextHighlight(this.#highlights.get(after.start), now))
    this.#schedule()
  }

  clear(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#highlights.clear()
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#highlights.size === 0) return
    const next = Math.min(...[...this.#highlights.values()].map((highlight) => highlight.until))
    this.#timer = setTimeout(() => this.#sweep(), Math.max(50, next - Date.now()))
  }

  #sweep(): void {
    this.#timer = undefined
    const now = Date.now()
    for (const [start, highlight] of this.#highlights) if (highlight.until <= now) this.#highlights.delete(start)
    this.#schedule()
  }
}
