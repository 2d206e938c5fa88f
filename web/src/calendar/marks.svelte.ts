import { SvelteMap } from 'svelte/reactivity'
import type { Change } from '../live/picture'
import { type Mark, nextMark } from './updates'

/** The slots that changed a moment ago, by start. Each is forgotten when its tag has been shown long enough. */
export class Marks {
  readonly #marks = new SvelteMap<string, Mark>()
  #timer: ReturnType<typeof setTimeout> | undefined

  of(start: string): Mark | undefined {
    return this.#marks.get(start)
  }

  note(changes: Change[]): void {
    const now = Date.now()
    for (const { after } of changes) if (after) this.#marks.set(after.start, nextMark(this.#marks.get(after.start), now))
    this.#schedule()
  }

  clear(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#marks.clear()
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#marks.size === 0) return
    const next = Math.min(...[...this.#marks.values()].map((mark) => mark.until))
    this.#timer = setTimeout(() => this.#sweep(), Math.max(50, next - Date.now()))
  }

  #sweep(): void {
    this.#timer = undefined
    const now = Date.now()
    for (const [start, mark] of this.#marks) if (mark.until <= now) this.#marks.delete(start)
    this.#schedule()
  }
}
