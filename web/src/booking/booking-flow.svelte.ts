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
import { CustomerDraft } from './customer-draft.svelte'
import { checkCustomer, type FieldErrors, fieldErrorsOf } from './customer-fields'
import { clearStoredHold, loadStoredHold, storeHold } from './hold-storage'
import { type LostSlot, lostSlotFrom } from './lost-slot'

export type Phase =
  | { kind: 'idle' }
  | { kind: 'requesting'; request: HoldRequest }
  | { kind: 'held'; request: HoldRequest; feed: BookingFeed }
  | { kind: 'lost'; request: HoldRequest; loss: LostSlot }
  | { kind: 'failed'; request: HoldRequest; error: unknown }

/** The way of one booking through the page: ask, hold, fill in, confirm; and every way in which that can end early. */
export class BookingFlow {
  phase = $state.raw<Phase>({ kind: 'idle' })
  readonly draft = new CustomerDraft()
  fieldErrors = $state.raw<FieldErrors>({})
  /** What went wrong with the last confirm or extend, while the hold itself is fine. */
  errorText = $state('')
  /** The trouble is the server's: the venue's contact belongs beside it. */
  serverUnavailable = $state(false)
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
    return phase.kind === 'requesting' || phase.kind === 'held' ? phase.request.start : undefined
  }

  /** Goes on with the hold that this tab had before a reload. */
  resume(): void {
    const stored = loadStoredHold(this.#venue, serverNow())
    if (stored) this.#held(requestOf(stored.booking), stored.booking, stored.token)
  }

  async requestHold(request: HoldRequest): Promise<void> {
    this.#clearErrors()
    this.phase = { kind: 'requesting', request }
    try {
      const { manage_token: token, ...booking } = await holdSlot(request)
      if (this.#isRequesting(request)) this.#held(request, booking, token)
      else void cancelBooking({ venue: request.venue, id: booking.id, token }).catch(() => {})
    } catch (error) {
      if (!this.#isRequesting(request)) return
      const loss = lostSlotFrom(error, request.start, this.#nearby(request.start))
      this.phase = loss ? { kind: 'lost', request, loss } : { kind: 'failed', request, error }
    }
  }

  async confirm(): Promise<void> {
    const held = this.#heldRef()
    if (!held || this.busy) return
    this.#clearErrors()
    this.fieldErrors = checkCustomer(this.draft.customer)
    if (Object.keys(this.fieldErrors).length > 0) return
    await this.#busily(async () => {
      try {
        await confirmBooking(held.ref, $state.snapshot(this.draft.customer))
        this.#confirmed(held.ref)
      } catch (error) {
        this.#confirmFailed(error, held.request)
      }
    })
  }

  async extend(): Promise<void> {
    const held = this.#heldRef()
    if (!held || this.busy) return
    this.#clearErrors()
    await this.#busily(async () => {
      try {
        const booking = await extendHold(held.ref)
        held.feed.take(booking)
        storeHold({ booking, token: held.ref.token })
      } catch (error) {
        if (hasCode(error, 'hold_expired'))
          this.#lose(held.request, lostSlotFrom(error, held.request.start, this.#nearby(held.request.start)))
        else
          this.errorText = isTransient(error)
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
    const { start } = held.request
    this.#lose(held.request, { start, reason: 'expired', alternatives: this.#nearby(start) })
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
    if (this.phase.kind === 'requesting') this.phase = { kind: 'idle' }
  }

  #held(request: HoldRequest, booking: Booking, token: string): void {
    const feed = new BookingFeed({ venue: request.venue, id: booking.id, token })
    feed.take(booking)
    storeHold({ booking, token })
    this.phase = { kind: 'held', request, feed }
  }

  #confirmed(ref: BookingRef): void {
    this.draft.clearNote()
    this.#leave()
    this.#onConfirmed(managePath(ref))
  }

  #confirmFailed(error: unknown, request: HoldRequest): void {
    const loss = lostSlotFrom(error, request.start, this.#nearby(request.start))
    if (loss) {
      this.#lose(request, loss)
      return
    }
    this.fieldErrors = fieldErrorsOf(error)
    if (Object.keys(this.fieldErrors).length > 0) return
    this.serverUnavailable = isTransient(error)
    this.errorText = this.serverUnavailable
      ? 'Booking is not possible at this moment. Your time is still held and what you typed is kept: please try again shortly.'
      : error instanceof Problem
        ? error.message
        : 'Something went wrong on this page. Please try again.'
  }

  #lose(request: HoldRequest, loss: LostSlot | undefined): void {
    this.#leave()
    if (loss) this.phase = { kind: 'lost', request, loss }
  }

  #leave(): void {
    this.close()
    clearStoredHold(this.#venue)
    this.#clearErrors()
    this.phase = { kind: 'idle' }
  }

  #clearErrors(): void {
    this.errorText = ''
    this.serverUnavailable = false
    this.fieldErrors = {}
  }

  #isRequesting(request: HoldRequest): boolean {
    return this.phase.kind === 'requesting' && this.phase.request === request
  }

  #heldRef(): { ref: BookingRef; request: HoldRequest; feed: BookingFeed } | undefined {
    return this.phase.kind === 'held'
      ? { ref: this.phase.feed.ref, request: this.phase.request, feed: this.phase.feed }
      : undefined
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
function requestOf(booking: Booking): HoldRequest {
  return { key: '', venue: booking.venue, service: booking.service, start: booking.start, party_size: booking.party_size }
}
