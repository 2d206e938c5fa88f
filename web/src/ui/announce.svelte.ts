/** At most one message in this time on the page: a busy calendar must not talk over the reader. Milliseconds. */
export const ANNOUNCE_EVERY_MS = 5_000
/** A dialog says little, and what it says is urgent. Milliseconds. */
export const ANNOUNCE_IN_DIALOG_EVERY_MS = 1_000
/** A region is read out when its text changes after it became visible, so a message waits at least this long. Milliseconds. */
const SETTLE_MS = 150
/** A message leaves the page after this: whoever reads through the page later must not come upon it. Milliseconds. */
const CLEAR_AFTER_MS = 10_000

/** What comes first when several messages wait: what the visitor did or has to do, then what others changed. */
const ranks = ['own', 'news'] as const
export type Rank = (typeof ranks)[number]

/** A function is asked when its turn has come; '' says nothing. */
type Message = string | (() => string)

/** What a part of the page says to those who hear it instead of seeing it. Of each rank, the last message waits. */
export class LiveRegion {
  message = $state('')
  readonly #every: number
  readonly #waiting = new Map<Rank, Message>()
  #lastAt = -Infinity
  #timer: ReturnType<typeof setTimeout> | undefined
  #clearTimer: ReturnType<typeof setTimeout> | undefined

  constructor(every: number) {
    this.#every = every
  }

  say(message: Message, rank: Rank = 'own'): void {
    this.#waiting.set(rank, message)
    this.#schedule()
  }

  /** Forgets what was said, and what waits to be. */
  clear(): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#clearTimer)
    this.#timer = undefined
    this.#waiting.clear()
    this.message = ''
    this.#lastAt = -Infinity
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#waiting.size === 0) return
    const wait = Math.max(SETTLE_MS, this.#lastAt + this.#every - performance.now())
    this.#timer = setTimeout(() => this.#next(), wait)
  }

  #next(): void {
    this.#timer = undefined
    const rank = ranks.find((rank) => this.#waiting.has(rank))
    const message = rank && this.#waiting.get(rank)
    if (rank) this.#waiting.delete(rank)
    const text = typeof message === 'function' ? message() : message
    if (text) this.#speak(text)
    this.#schedule()
  }

  #speak(text: string): void {
    this.#lastAt = performance.now()
    // A region is read out when its text changes; the same words twice need a difference nobody hears.
    this.message = text === this.message ? `${text}\u00a0` : text
    clearTimeout(this.#clearTimer)
    this.#clearTimer = setTimeout(() => (this.message = ''), CLEAR_AFTER_MS)
  }
}

/** The page's region. While a modal dialog is open it is inert, and nobody hears it. */
export const announcements = new LiveRegion(ANNOUNCE_EVERY_MS)

/** The region inside the modal dialog: the only one that is heard while the dialog is open. */
export const dialogAnnouncements = new LiveRegion(ANNOUNCE_IN_DIALOG_EVERY_MS)
