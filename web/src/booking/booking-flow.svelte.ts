import {
  type BookingRef,
  bookSlot,
  cancelBooking,
  confirmBooking,
  extendHold,
  filledFields,
  getBooking,
  holdSlot,
  managePath,
  type SlotRequest,
} from '../api/bookings'
import { serverClock, serverNow } from '../api/clock'
import { AttemptKey } from '../api/idempotency'
import { hasCode, isOutcomeUnknown } from '../api/problem'
import type { Alternative, Booking, NewBooking } from '../api/types'
import { BookingFeed } from '../live/booking-feed.svelte'
import { CustomerDraft } from './customer-draft.svelte'
import { checkCustomer, type FieldErrors, fieldErrorsOf } from './customer-fields'
import { type BookingAction, type ErrorText, errorText } from './error-text'
import { clearStoredHold, leaveHold, loadStoredHold, reclaimHold, storeHold } from './hold-storage'
import { type LostSlot, lostHold, lostSlot, lostSlotFrom } from './lost-slot'
import { rememberConfirmed } from './recent-booking'

export type Phase =
  | { kind: 'idle' }
  /** The hold is being asked for. */
  | { kind: 'requesting'; request: SlotRequest }
  | { kind: 'held'; request: SlotRequest; feed: BookingFeed }
  /** No hold can be had now (429 holds_limited), but the slot can be booked at once with the customer's details. */
  | { kind: 'direct'; request: SlotRequest }
  | { kind: 'lost'; request: SlotRequest; lost: LostSlot }
  | { kind: 'failed'; request: SlotRequest; error: ErrorText }

export interface FlowOptions {
  venue: string
  /** The bookable slots near a start, as far as the page knows. */
  nearby(start: string): Alternative[]
  /** The booking is confirmed; its page is at this path. */
  onConfirmed(path: string): void
}

/** One booking on its way through the page: request a hold, fill in the form, confirm; and every early end of that. */
export class BookingFlow {
  phase = $state.raw<Phase>({ kind: 'idle' })
  readonly draft = new CustomerDraft()
  fieldErrors = $state.raw<FieldErrors>({})
  /** What went wrong with the last confirm or extend, while the hold itself is fine. */
  error = $state.raw<ErrorText>()
  busy = $state(false)
  /** False once the server refused another extension of this hold. */
  extendable = $state(true)

  readonly #options: FlowOptions
  #holdKey = new AttemptKey()
  #confirmKey = new AttemptKey()
  #extendKey = new AttemptKey()
  #confirming = false
  #checkingExpiry = false

  constructor(options: FlowOptions) {
    this.#options = options
  }

  /** The start that this customer has or is about to have: its changes are no news, and no loss. */
  get ownStart(): string | undefined {
    return hasOwnSlot(this.phase) ? this.phase.request.start : undefined
  }

  /** Goes on with the hold that this tab had before a reload, or that a closed tab left. */
  resume(): void {
    const stored = loadStoredHold(this.#options.venue, serverNow())
    if (stored) this.#startHeld(requestOf(stored.booking), stored.booking, stored.token)
  }

  /** Asks for a hold. The same request after a lost answer is sent with the same key, so that it holds once. */
  async requestHold(request: SlotRequest): Promise<void> {
    this.#clearErrors()
    this.phase = { kind: 'requesting', request }
    try {
      const { manage_token: token, ...booking } = await holdSlot(request, this.#holdKey.forBody(request))
      this.#holdKey.settle()
      if (this.#isRequesting(request)) this.#startHeld(request, booking, token)
      else releaseHold({ venue: request.venue, id: booking.id, token })
    } catch (error) {
      if (!isOutcomeUnknown(error)) this.#holdKey.settle()
      if (this.#isRequesting(request)) this.#holdFailed(error, request)
    }
  }

  /** Confirms the hold; or books at once, where there is none. */
  async confirm(): Promise<void> {
    const phase = this.phase
    if (this.busy || (phase.kind !== 'held' && phase.kind !== 'direct')) return
    this.#clearErrors()
    this.fieldErrors = checkCustomer(this.draft.customer)
    if (Object.keys(this.fieldErrors).length > 0) return
    this.#confirming = true
    await this.#whileBusy(async () => {
      try {
        await (phase.kind === 'held' ? this.#confirmHold(phase.feed.ref) : this.#bookAtOnce(phase.request))
      } catch (error) {
        if (!isOutcomeUnknown(error)) this.#confirmKey.settle()
        if (this.phase === phase) await this.#confirmFailed(error, phase)
        else if (phase.kind === 'held') releaseHold(phase.feed.ref) // Closed while the answer was on its way.
      }
    })
  }

  /** Gives the hold its full time once more; false if that was not to be had. */
  async extend(): Promise<boolean> {
    const phase = this.phase
    if (phase.kind !== 'held' || this.busy) return false
    this.#clearErrors()
    return this.#whileBusy(async () => {
      const { feed } = phase
      const { ref } = feed
      try {
        const booking = await extendHold(ref, this.#extendKey.forBody(ref.id))
        this.#extendKey.settle()
        feed.accept(booking)
        storeHold({ booking, token: ref.token })
        return true
      } catch (error) {
        if (!isOutcomeUnknown(error)) this.#extendKey.settle()
        await this.#extendFailed(error, phase)
        return false
      }
    })
  }

  /** Gives the slot back and closes. What was typed stays in the draft. */
  release(): void {
    const phase = this.phase
    this.#end()
    // A confirmation on its way is not overtaken: what becomes of it is known when it is answered.
    if (phase.kind === 'held' && !this.#confirming) releaseHold(phase.feed.ref)
  }

  /**
   * The hold's time is over by the clock; called again for as long as it is. The server is asked first, since it judges, and
   * its answer sets the clock right. Without an answer the clock is believed, unless it is in doubt itself.
   */
  async checkExpiry(): Promise<void> {
    const phase = this.phase
    if (phase.kind !== 'held' || this.#checkingExpiry || this.#confirming) return
    this.#checkingExpiry = true
    try {
      const booking = await getBooking(phase.feed.ref)
      if (this.phase !== phase) return
      phase.feed.accept(booking)
      this.onBookingUpdate(booking)
    } catch (error) {
      if (this.phase !== phase || (isOutcomeUnknown(error) && serverClock.isDoubtful)) return
      const { start } = phase.request
      this.#lose(phase.request, lostSlot(start, 'expired', this.#options.nearby(start)))
    } finally {
      this.#checkingExpiry = false
    }
  }

  /** Takes what the live feed says about the held booking. */
  onBookingUpdate(booking: Booking): void {
    const phase = this.phase
    if (phase.kind !== 'held' || booking.id !== phase.feed.ref.id) return
    if (booking.status === 'confirmed') {
      if (!this.busy) this.#confirmed(booking, phase.feed.ref)
    } else if (booking.status !== 'held') {
      this.#lose(phase.request, lostHold(booking, this.#options.nearby(booking.start)))
    }
  }

  /** The document goes away, by a reload or for good. */
  onPageHide(): void {
    if (this.phase.kind === 'held') leaveHold(this.#options.venue)
  }

  /** The document came back from the browser's cache, hold and all. */
  onPageShow(): void {
    if (this.phase.kind === 'held') reclaimHold(this.#options.venue)
  }

  /** Another page of the application is shown: nobody looks after the hold any more. */
  close(): void {
    this.release()
  }

  async #confirmHold(ref: BookingRef): Promise<void> {
    const customer = filledFields(this.draft.customer)
    const booking = await confirmBooking(ref, customer, this.#confirmKey.forBody([ref.id, customer]))
    this.#confirmed(booking, ref)
  }

  async #bookAtOnce(request: SlotRequest): Promise<void> {
    const customer = filledFields(this.draft.customer)
    const made: NewBooking = await bookSlot(request, customer, this.#confirmKey.forBody([request, customer]))
    const { manage_token: token, ...booking } = made
    this.#confirmed(booking, { venue: request.venue, id: booking.id, token })
  }

  #startHeld(request: SlotRequest, booking: Booking, token: string): void {
    const feed = new BookingFeed({ venue: request.venue, id: booking.id, token })
    feed.accept(booking)
    storeHold({ booking, token })
    this.extendable = true
    this.phase = { kind: 'held', request, feed }
  }

  #confirmed(booking: Booking, ref: BookingRef): void {
    this.#confirmKey.settle()
    this.draft.clearNote()
    rememberConfirmed(booking)
    this.#end()
    this.#options.onConfirmed(managePath(ref))
  }

  #holdFailed(error: unknown, request: SlotRequest): void {
    const lost = lostSlotFrom(error, request.start, this.#options.nearby(request.start))
    if (lost) this.phase = { kind: 'lost', request, lost }
    else if (hasCode(error, 'holds_limited')) this.phase = { kind: 'direct', request }
    else this.phase = { kind: 'failed', request, error: errorText(error, 'hold') }
  }

  async #confirmFailed(error: unknown, phase: Phase & { kind: 'held' | 'direct' }): Promise<void> {
    if (await this.#isOver(error, phase)) return
    this.fieldErrors = fieldErrorsOf(error, this.draft.customer)
    if (Object.keys(this.fieldErrors).length === 0) this.#fail(error, phase.kind === 'held' ? 'confirm' : 'book')
  }

  async #extendFailed(error: unknown, phase: Phase & { kind: 'held' }): Promise<void> {
    if (await this.#isOver(error, phase)) return
    if (hasCode(error, 'wrong_status')) this.extendable = false
    this.#fail(error, 'extend')
  }

  /** Whether a refusal means that the slot, or the hold, is gone; then the phase says so. */
  async #isOver(error: unknown, phase: Phase & { kind: 'held' | 'direct' }): Promise<boolean> {
    const { request } = phase
    const lost = lostSlotFrom(error, request.start, this.#options.nearby(request.start))
    if (lost) this.#lose(request, lost)
    else if (phase.kind === 'held' && hasCode(error, 'wrong_status')) await this.#readStatus(phase.feed)
    return this.phase !== phase
  }

  /** A refusal for the status does not say which it is: cancelled, by whom, or confirmed in another window. */
  async #readStatus(feed: BookingFeed): Promise<void> {
    try {
      feed.accept(await getBooking(feed.ref))
    } catch {
      return // The refusal itself is told instead.
    }
    this.busy = false
    if (feed.booking) this.onBookingUpdate(feed.booking)
  }

  #fail(error: unknown, action: BookingAction): void {
    this.error = errorText(error, action)
  }

  #lose(request: SlotRequest, lost: LostSlot): void {
    this.#end()
    this.phase = { kind: 'lost', request, lost }
  }

  /** Ends whatever goes on, without a word to the server. */
  #end(): void {
    const phase = this.phase
    if (phase.kind === 'held') phase.feed.close()
    clearStoredHold(this.#options.venue)
    this.#clearErrors()
    this.phase = { kind: 'idle' }
  }

  #clearErrors(): void {
    this.error = undefined
    this.fieldErrors = {}
  }

  #isRequesting(request: SlotRequest): boolean {
    return this.phase.kind === 'requesting' && this.phase.request === request
  }

  async #whileBusy<T>(work: () => Promise<T>): Promise<T> {
    this.busy = true
    try {
      return await work()
    } finally {
      this.busy = false
      this.#confirming = false
    }
  }
}

/** Should the message not get through, the hold still ends by itself at its time. */
function releaseHold(ref: BookingRef): void {
  void cancelBooking(ref).catch(() => {})
}

/** Whether the customer has the slot, or is about to. */
function hasOwnSlot(phase: Phase): phase is Phase & { kind: 'requesting' | 'held' | 'direct' } {
  return phase.kind === 'requesting' || phase.kind === 'held' || phase.kind === 'direct'
}

/** The slot of a stored hold. */
function requestOf(booking: Booking): SlotRequest {
  return { venue: booking.venue, service: booking.service, start: booking.start, party_size: booking.party_size }
}
