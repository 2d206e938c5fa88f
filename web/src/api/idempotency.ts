// Keys that make a repeated request safe: the server answers the second one with the outcome of the first.

/** 128 random bits as text. crypto.randomUUID exists only on https and localhost; getRandomValues exists everywhere. */
export function newIdempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * The key of one attempt. While the outcome of a request is unknown, the same body gets the same key again; another body, or
 * the first body after a known outcome, gets a new one.
 */
export class AttemptKey {
  #body: string | undefined
  #key = ''

  forBody(body: unknown): string {
    const text = JSON.stringify(body)
    if (text !== this.#body) {
      this.#body = text
      this.#key = newIdempotencyKey()
    }
    return this.#key
  }

  /** The outcome is known: the next attempt is another one. */
  settle(): void {
    this.#body = undefined
  }
}
