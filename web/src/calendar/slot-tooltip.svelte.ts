import { CLOSE_TOOLTIP_AFTER_MS, OPEN_TOOLTIP_AFTER_MS } from './limits'

export interface TooltipTarget {
  start: string
  anchor: HTMLElement
}

/** Which slot's details are shown: the one that is hovered or has the keyboard's focus. Escape dismisses them. */
export class TooltipState {
  target = $state.raw<TooltipTarget>()
  #timer: ReturnType<typeof setTimeout> | undefined

  focused(start: string, anchor: HTMLElement): void {
    // A tap focuses too, but it acts at once; details under the finger would only be in the way.
    if (anchor.matches(':focus-visible')) this.#show({ start, anchor }, 0)
  }

  entered(start: string, anchor: HTMLElement, pointer: string): void {
    if (pointer !== 'touch') this.#show({ start, anchor }, this.target ? 0 : OPEN_TOOLTIP_AFTER_MS)
  }

  /** The pointer may move on to the details themselves: they stay while it is there. */
  stay(): void {
    clearTimeout(this.#timer)
  }

  left(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.dismiss(), CLOSE_TOOLTIP_AFTER_MS)
  }

  /** The keyboard went on: details that nobody looks at must not lie over what has the focus now. */
  blurred(start: string): void {
    if (this.target?.start === start) this.dismiss()
  }

  dismiss(): void {
    clearTimeout(this.#timer)
    this.target = undefined
  }

  #show(target: TooltipTarget, after: number): void {
    clearTimeout(this.#timer)
    if (after === 0) this.target = target
    else this.#timer = setTimeout(() => (this.target = target), after)
  }
}
