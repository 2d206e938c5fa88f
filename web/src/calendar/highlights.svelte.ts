import type { Change } from '../live/availability-state'
import { type Highlight, nextHighlight } from './highlight'
import { SWEEP_EVERY_MS } from './limits'

/** One start's highlight, a signal of its own: what changes elsewhere draws nothing here. */
export class SlotHighlight {
  current = $state.raw<Highlight>()
}

/** The slots that changed a moment ago, by start. Each is forgotten when its tag has been shown long enough. */
export class Highlights {
  readonly #slots = new Map<string, SlotHighlight>()
  readonly #active = new Set<SlotHighlight>()
  #timer: ReturnType<typeof setTimeout> | undefined

  /** The highlight of a start, to be read as `current`. */
  of(start: string): SlotHighlight {
    let slot = this.#slots.get(start)
    if (!slot) {
      slot = new SlotHighlight()
      this.#slots.set(start, slot)
    }
    return slot
  }

  note(changes: Change[]): void {
    const now = performance.now()
    for (const { after } of changes) {
      if (!after) continue
      const slot = this.of(after.start)
      slot.current = nextHighlight(slot.current, now)
      this.#active.add(slot)
    }
    this.#schedule()
  }

  clear(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const slot of this.#active) slot.current = undefined
    this.#active.clear()
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#active.size === 0) return
    const next = Math.min(...[...this.#active].map((slot) => slot.current?.expiresAt ?? 0))
    this.#timer = setTimeout(() => this.#sweep(), Math.max(SWEEP_EVERY_MS, next - performance.now()))
  }

  #sweep(): void {
    this.#timer = undefined
    const now = performance.now()
    for (const slot of this.#active) {
      if ((slot.current?.expiresAt ?? 0) > now) continue
      slot.current = undefined
      this.#active.delete(slot)
    }
    this.#schedule()
  }
}
