import type { Availability, AvailabilityQuery, Booking, Day, Slot } from '../api/types'

// The frames of the live protocol over a WebSocket: the objects of the event stream, plus `type` and the subscription's id.

export interface SnapshotFrame extends Availability {
  type: 'snapshot'
  id: string
}

export interface DeltaFrame {
  type: 'delta'
  id: string
  position: string
  committed_at: string
  slots: Slot[]
  days: Pick<Day, 'date' | 'status'>[]
}

export interface ResetFrame {
  type: 'reset'
  id: string
  reason: string
}

export interface FreshnessFrame {
  type: 'stale' | 'fresh'
  id: string
  as_of: string
}

/** The booking has an id of its own, so it is nested: the frame's is the subscription's. */
export interface BookingFrame {
  type: 'booking'
  id: string
  booking: Booking
}

export interface ErrorFrame {
  type: 'error'
  id?: string
  code: string
  detail: string
}

export interface GoodbyeFrame {
  type: 'goodbye'
  id?: string
  reconnect_after_ms: number
}

export type SubscriptionFrame = SnapshotFrame | DeltaFrame | ResetFrame | FreshnessFrame | BookingFrame | ErrorFrame

export type Frame = SubscriptionFrame | GoodbyeFrame | { type: 'pong' } | { type: 'unsubscribed'; id: string }

/** What a subscription asks for, without its id. */
export type Topic =
  | ({ topic: 'availability'; position?: string } & AvailabilityQuery)
  | { topic: 'booking'; venue: string; booking: string; token: string }

const known = new Set(['snapshot', 'delta', 'reset', 'stale', 'fresh', 'booking', 'goodbye', 'error', 'pong', 'unsubscribed'])

/** Reads a text frame. Frames of an unknown type are undefined: a newer server may send more than this page knows. */
export function parseFrame(text: string): Frame | undefined {
  let frame: { type?: unknown }
  try {
    frame = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof frame !== 'object' || frame === null) return undefined
  return known.has(String(frame.type)) ? (frame as unknown as Frame) : undefined
}
