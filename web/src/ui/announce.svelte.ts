/** At most one message in this time on the page: a busy calendar must not talk over the reader. Milliseconds. */
export const ANNOUNCE_EVERY_MS = 5_000
/** A dialog says little, and what it says is urgent. Milliseconds. */
export const ANNOUNCE_IN_DIALOG_EVERY_MS = 1_000
/** A region is read out when its text changes after it became visible, so a message waits at least this long. Milliseconds. */
const SETTLE_MS = 150

/** What a part of the page says to those who hear it instead of seeing it. The last message wins when several wait. */
export class LiveRegion {
  message = $state('')
  readonly #every: number
  #lastAt = -Infinity
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(every: number) {
    this.#every = every
  }

  say(message: string): void {
    clearTimeout(this.#timer)
    const wait = Math.max(SETTLE_MS, this.#lastAt + this.#every - Date.now())
    this.#timer = setTimeout(() => {
      this.#lastAt = Date.now()
      // A region is read out when its text changes; the same words twice need a difference nobody hears.
      this.message = message === this.message ? `${message}\u00a0` : message
    }, wait)
  }

  /** Forgets what was said, and what waits to be. */
  clear(): void {
    clearTimeout(this.#timer)
    this.message = ''
    this.#lastAt = -Infinity
  }
}

/** The page's region. While a modal dialog is open it is inert, and nobody hears it. */
export const announcements = new LiveRegion(ANNOUNCE_EVERY_MS)

/** The region inside the modal dialog: the only one that is heard while the dialog is open. */
export const dialogAnnouncements = new LiveRegion(ANNOUNCE_IN_DIALOG_EVERY_MS)
