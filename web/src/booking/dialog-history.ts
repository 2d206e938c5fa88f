// While the dialog is open it has a history entry of its own, so that Back (the button, or a phone's gesture) closes the
// dialog and gives the hold back instead of leaving the page with a hold that nobody looks after.

const FLAG = 'bookingDialog'

/** Whether the present history entry is a dialog's. */
export function isDialogEntry(): boolean {
  const state: unknown = history.state
  return typeof state === 'object' && state !== null && FLAG in state
}

export class DialogHistory {
  #open = false
  /** The entry of a closed dialog is being left; the browser does that later, and says so by popstate. */
  #leaving = false
  readonly #onBack: () => void

  constructor(onBack: () => void) {
    this.#onBack = onBack
  }

  /** Follows the browser's Back until the returned function is called. */
  listen(): () => void {
    const onPopState = () => this.#moved()
    addEventListener('popstate', onPopState)
    return () => removeEventListener('popstate', onPopState)
  }

  opened(): void {
    if (this.#open) return
    this.#open = true
    if (!this.#leaving) this.#push()
  }

  /** The dialog was closed by other means than Back: its entry goes too, unless the page has moved on from it already. */
  closed(): void {
    if (!this.#open) return
    this.#open = false
    if (isDialogEntry()) {
      this.#leaving = true
      history.back()
    } else setScrollRestoration('auto')
  }

  #moved(): void {
    if (!isDialogEntry()) setScrollRestoration('auto')
    if (this.#leaving) {
      this.#leaving = false
      if (this.#open) this.#push()
    } else if (this.#open && !isDialogEntry()) {
      this.#open = false
      this.#onBack()
    }
  }

  #push(): void {
    if (isDialogEntry()) return // After a reload, or going forward to it again.
    setScrollRestoration('manual') // Leaving the entry must not scroll what got the focus out of sight.
    try {
      history.pushState({ ...history.state, [FLAG]: true }, '')
    } catch {
      // Browsers limit how many entries a page may make: then Back leaves the page, and the hold is found again.
    }
  }
}

function setScrollRestoration(mode: ScrollRestoration): void {
  if ('scrollRestoration' in history) history.scrollRestoration = mode
}
