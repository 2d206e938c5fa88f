import {
  type BookingRef,
  cancelBooking,
  confirmBooking,
  extendHold,
  holdSlot,
  type HoldRequest,
  managePath,
} from '../api/bookings'
import { serverNow } from '../api/clock'
import { hasCode, isTransient, Problem } from '../api/problem'
import type { Alternative, Booking } from '../api/types'
import { BookingFeed } from '../live/booking-feed.svelte'
import { Draft } from './draft.svelte'
import { checkCustomer, type FieldErrors, fieldErrorsOf } from './fields'
import { dropHold, keepHold, keptHold } from './kept-hold'
import { type Loss, lossFrom } from './loss'

export type Phase =
  | { kind: 'idle' }
  | { kind: 'asking'; wish: HoldRequest }
  | { kind: 'held'; wish: HoldRequest; feed: BookingFeed }
  | { kind: 'lost'; wish: HoldRequest; loss: Loss }
  | { kind: 'failed'; wish: HoldRequest; error: unknown }

/** The way of one booking through the page: ask, hold, fill in, confirm; and every way in which that can end early. */
export class HoldDesk {
  phase = $state.raw<Phase>({ kind: 'idle' })
  readonly draft = new Draft()
  fieldErrors = $state.raw<FieldErrors>({})
  /** What went wrong with the last confirm or extend, while the hold itself is fine. */
  trouble = $state('')
  /** The trouble is the server's: the venue's contact belongs beside it. */
  serverAway = $state(false)
  busy = $state(false)

  readonly #venue: string
  readonly #nearby: (start: string) => Alternative[]
  readonly #onConfirmed: (path: string) => void

  constructor(venue: string, nearby: (start: string) => Alternative[], onConfirmed: (path: string) => void) {
    this.#venue = venue
    this.#nearby = nearby
    this.#onConfirmed = onConfirmed
  }

  /** The start that this visitor is holding or asking for: that it fills up is no loss. */
  get ownStart(): string | undefined {
    const phase = this.phase
    return phase.kind === 'asking' || phase.kind === 'held' ? phase.wish.start : undefined
  }

  /** Goes on with the hold that this tab had before a reload. */
  resume(): void {
    const kept = keptHold(this.#venue, serverNow())
    if (kept) this.#held(wishOf(kept.booking), kept.booking, kept.token)
  }

  async ask(wish: HoldRequest): Promise<void> {
    this.#forgetTrouble()
    this.phase = { kind: 'asking', wish }
    try {
      const { manage_token: token, ...booking } = await holdSlot(wish)
      if (this.#asksFor(wish)) this.#held(wish, booking, token)
      else void cancelBooking({ venue: wish.venue, id: booking.id, token }).catch(() => {})
    } catch (error) {
      if (!this.#asksFor(wish)) return
      const loss = lossFrom(error, wish.start, this.#nearby(wish.start))
      this.phase = loss ? { kind: 'lost', wish, loss } : { kind: 'failed', wish, error }
    }
  }

  async confirm(): Promise<void> {
    const held = this.#heldRef()
    if (!held || this.busy) return
    this.#forgetTrouble()
    this.fieldErrors = checkCustomer(this.draft.customer)
    if (Object.keys(this.fieldErrors).length > 0) return
    await this.#busily(async () => {
      try {
        await confirmBooking(held.ref, $state.snapshot(this.draft.customer))
        this.#confirmed(held.ref)
      } catch (error) {
        this.#confirmFailed(error, held.wish)
      }
    })
  }

  async extend(): Promise<void> {
    const held = this.#heldRef()
    if (!held || this.busy) return
    this.#forgetTrouble()
    await this.#busily(async () => {
      try {
        const booking = await extendHold(held.ref)
        held.feed.take(booking)
        keepHold({ booking, token: held.ref.token })
      } catch (error) {
        if (hasCode(error, 'hold_expired')) this.#lose(held.wish, lossFrom(error, held.wish.start, this.#nearby(held.wish.start)))
        else
          this.trouble = isTransient(error)
            ? 'More time could not be asked for just now.'
            : 'This hold cannot be extended any further.'
      }
    })
  }

  /** Gives the slot back and closes. What was typed stays in the draft. */
  release(): void {
    const held = this.#heldRef()
    this.#leave()
    // Should the message not get through, the hold still ends by itself at its time.
    if (held) void cancelBooking(held.ref).catch(() => {})
  }

  /** The hold's time is over, by the clock or by the word of the server. */
  expired(): void {
    const held = this.#heldRef()
    if (!held) return
    const { start } = held.wish
    this.#lose(held.wish, { start, reason: 'expired', alternatives: this.#nearby(start) })
  }

  /** Takes what the live feed says about the held booking. */
  observe(booking: Booking): void {
    const held = this.#heldRef()
    if (!held || booking.id !== held.ref.id) return
    if (booking.status === 'expired' || booking.status === 'cancelled') this.expired()
    if (booking.status === 'confirmed' && !this.busy) this.#confirmed(held.ref)
  }

  /** The page goes away. A hold that is only now being answered is given back, since nobody looks after it any more. */
  close(): void {
    if (this.phase.kind === 'held') this.phase.feed.close()
    if (this.phase.kind === 'asking') this.phase = { kind: 'idle' }
  }

  #held(wish: HoldRequest, booking: Booking, token: string): void {
    const feed = new BookingFeed({ venue: wish.venue, id: booking.id, token })
    feed.take(booking)
    keepHold({ booking, token })
    this.phase = { kind: 'held', wish, feed }
  }

  #confirmed(ref: BookingRef): void {
    this.draft.booked()
    this.#leave()
    this.#onConfirmed(managePath(ref))
  }

  #confirmFailed(error: unknown, wish: HoldRequest): void {
    const loss = lossFrom(error, wish.start, this.#nearby(wish.start))
    if (loss) {
      this.#lose(wish, loss)
      return
    }
    this.fieldErrors = fieldErrorsOf(error)
    if (Object.keys(this.fieldErrors).length > 0) return
    this.serverAway = isTransient(error)
    this.trouble = this.serverAway
      ? 'Booking is not possible at this moment. Your time is still held and what you typed is kept: please try again shortly.'
      : error instanceof Problem
        ? error.message
        : 'Something went wrong on this page. Please try again.'
  }

  #lose(wish: HoldRequest, loss: Loss | undefined): void {
    this.#leave()
    if (loss) this.phase = { kind: 'lost', wish, loss }
  }

  #leave(): void {
    this.close()
    dropHold(this.#venue)
    this.#forgetTrouble()
    this.phase = { kind: 'idle' }
  }

  #forgetTrouble(): void {
    this.trouble = ''
    this.serverAway = false
    this.fieldErrors = {}
  }

  #asksFor(wish: HoldRequest): boolean {
    return this.phase.kind === 'asking' && this.phase.wish === wish
  }

  #heldRef(): { ref: BookingRef; wish: HoldRequest; feed: BookingFeed } | undefined {
    return this.phase.kind === 'held' ? { ref: this.phase.feed.ref, wish: this.phase.wish, feed: this.phase.feed } : undefined
  }

  async #busily(work: () => Promise<void>): Promise<void> {
    this.busy = true
    try {
      await work()
    } finally {
      this.busy = false
    }
  }
}

/** What a hold of before a reload was asked with; it is not asked for again, so its key no longer matters. */
function wishOf(booking: Booking): HoldRequest {
  return { key: '', venue: booking.venue, service: booking.service, start: booking.start, party_size: booking.party_size }
}
