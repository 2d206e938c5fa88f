import { venuePath } from './catalogue'
import { request } from './http'
import { newIdempotencyKey } from './idempotency'
import { isTransient, Problem } from './problem'
import type { Booking, Customer, NewBooking } from './types'
import { MAX_SILENT_RETRY_S, RETRY_AFTER_MS } from './limits'

/** What a customer wants to book. */
export interface SlotRequest {
  venue: string
  service: string
  start: string
  party_size: number
  resource?: string
}

/** What a booking's own calls need: where it is, and the right to touch it. */
export interface BookingRef {
  venue: string
  id: string
  token: string
}

/** Holds a slot. A repeat with the same key gets the first one's booking instead of claiming twice. */
export function holdSlot(slot: SlotRequest, key: string): Promise<NewBooking> {
  return create(slot, { hold: true }, key)
}

/** Books a slot at once, without a hold. A repeat with the same key books once. */
export function bookSlot(slot: SlotRequest, customer: Partial<Customer>, key: string): Promise<NewBooking> {
  return create(slot, { customer }, key)
}

export function confirmBooking(ref: BookingRef, customer: Partial<Customer>, key: string): Promise<Booking> {
  return retryOnce(() => post(ref, 'confirm', { customer }, key))
}

/** Gives the hold its full time once more. The key keeps a repeat from using up a second extension. */
export function extendHold(ref: BookingRef, key: string): Promise<Booking> {
  return retryOnce(() => post(ref, 'extend', {}, key))
}

export function cancelBooking(ref: BookingRef, key = newIdempotencyKey()): Promise<Booking> {
  return retryOnce(() => post(ref, 'cancel', {}, key))
}

export function getBooking(ref: BookingRef, signal?: AbortSignal): Promise<Booking> {
  return request<Booking>(bookingPath(ref), { token: ref.token, signal })
}

/** The fields that were filled in, as they were typed: the server cleans and judges them. */
export function filledFields(customer: Customer): Partial<Customer> {
  return Object.fromEntries(Object.entries(customer).filter(([, value]) => value !== ''))
}

/** The page of a booking, with the right to manage it after '#': that part never leaves the browser. */
export function managePath(ref: BookingRef): string {
  return `/${encodeURIComponent(ref.venue)}/bookings/${encodeURIComponent(ref.id)}#${ref.token}`
}

function create({ venue, ...slot }: SlotRequest, more: object, key: string): Promise<NewBooking> {
  const options = { method: 'POST', headers: { 'idempotency-key': key }, body: { ...slot, ...more } } as const
  return retryOnce(() => request<NewBooking>(`${venuePath(venue)}/bookings`, options))
}

function post(ref: BookingRef, action: string, body: unknown, key: string): Promise<Booking> {
  const headers = { 'idempotency-key': key }
  return request<Booking>(`${bookingPath(ref)}/${action}`, { method: 'POST', token: ref.token, body, headers })
}

function bookingPath(ref: BookingRef): string {
  return `${venuePath(ref.venue)}/bookings/${encodeURIComponent(ref.id)}`
}

/** Repeats a request once, with the same key, when it may succeed in a moment; a longer wait is for the customer to decide. */
async function retryOnce<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt()
  } catch (error) {
    const wait = silentWait(error)
    if (wait === undefined) throw error
    await new Promise((resolve) => setTimeout(resolve, wait))
    return attempt()
  }
}

/** How long to wait before a repeat, in milliseconds; undefined when the customer should be told instead. */
function silentWait(error: unknown): number | undefined {
  if (!isTransient(error)) return undefined
  const asked = error instanceof Problem ? (error.retryAfterS ?? 0) : 0
  if (asked > MAX_SILENT_RETRY_S) return undefined
  return asked * 1000 + RETRY_AFTER_MS * (1 + Math.random())
}
