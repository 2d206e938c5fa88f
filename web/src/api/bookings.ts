import { venuePath } from './catalogue'
import { request } from './http'
import { isTransient } from './problem'
import type { Booking, Customer, NewBooking } from './types'

export interface HoldRequest {
  /** The idempotency key: asking again for the same wish, however often, holds once. */
  key: string
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

/** Holds a slot. A retry after a lost answer gets the first one's booking instead of claiming twice. */
export async function holdSlot(hold: HoldRequest): Promise<NewBooking> {
  const { key, venue, ...rest } = hold
  const headers = { 'idempotency-key': key }
  const post = () =>
    request<NewBooking>(`${venuePath(venue)}/bookings`, { method: 'POST', headers, body: { ...rest, hold: true } })
  return retryOnce(post)
}

export function confirmBooking(ref: BookingRef, customer: Customer): Promise<Booking> {
  const headers = { 'idempotency-key': newIdempotencyKey() }
  const filled = Object.fromEntries(Object.entries(customer).filter(([, value]) => value !== ''))
  return retryOnce(() => post(ref, 'confirm', { customer: filled }, headers))
}

export function extendHold(ref: BookingRef): Promise<Booking> {
  return post(ref, 'extend', {})
}

export function cancelBooking(ref: BookingRef): Promise<Booking> {
  return retryOnce(() => post(ref, 'cancel', {}))
}

export function getBooking(ref: BookingRef, signal?: AbortSignal): Promise<Booking> {
  return request<Booking>(bookingPath(ref), { token: ref.token, signal })
}

/** The page of a booking, with the right to manage it after '#': that part never leaves the browser. */
export function managePath(ref: BookingRef): string {
  return `/${encodeURIComponent(ref.venue)}/bookings/${encodeURIComponent(ref.id)}#${ref.token}`
}

function post(ref: BookingRef, action: string, body: unknown, headers: Record<string, string> = {}): Promise<Booking> {
  return request<Booking>(`${bookingPath(ref)}/${action}`, { method: 'POST', token: ref.token, body, headers })
}

function bookingPath(ref: BookingRef): string {
  return `${venuePath(ref.venue)}/bookings/${encodeURIComponent(ref.id)}`
}

async function retryOnce<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt()
  } catch (error) {
    if (!isTransient(error)) throw error
    await new Promise((resolve) => setTimeout(resolve, 400 + Math.random() * 400))
    return attempt()
  }
}

/** 128 random bits; crypto.randomUUID exists only on https and localhost. */
export function newIdempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
