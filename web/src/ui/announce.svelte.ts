/** At most one message in this time: a busy calendar must not talk over the reader. */
export const ANNOUNCE_EVERY_MS = 5_000

/** What the page says to those who hear it instead of seeing it. The last message wins when several wait. */
class Announcements {
  message = $state('')
  #lastAt = -Infinity
  #timer: ReturnType<typeof setTimeout> | undefined

  say(message: string): void {
    clearTimeout(this.#timer)
    const wait = Math.max(0, this.#lastAt + ANNOUNCE_EVERY_MS - Date.now())
    this.#timer = setTimeout(() => {
      this.#lastAt = Date.now()
      // A region is read out when its text changes; the same words twice need a difference nobody hears.
      this.message = message === this.message ? `${message}\u00a0` : message
    }, wait)
  }
}

export const announcements = new Announcements()
