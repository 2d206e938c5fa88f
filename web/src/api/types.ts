// The shapes of the API, as they travel: snake_case, times as RFC 3339 with the venue's offset.

export type SlotStatus = 'available' | 'limited' | 'full' | 'closed'

export type BookingStatus = 'held' | 'confirmed' | 'cancelled' | 'expired' | 'completed' | 'no_show'

export interface Contact {
  email?: string
  phone?: string
}

export interface Venue {
  id: string
  name: string
  time_zone: string
  contact: Contact
  revision: number
}

export interface Resource {
  id: string
  name: string
  capacity: number
}

export interface Price {
  amount: string
  currency: string
}

/** What a booking takes: one resource, or any one of a pool. */
export interface Requirement {
  resource?: string
  any_of?: string[]
  units: number
  per_person: boolean
}

export interface Service {
  id: string
  name: string
  description?: string
  price?: Price
  color?: string
  duration_minutes: number
  step_minutes: number
  min_notice_minutes: number
  horizon_days: number
  party_size: { min: number; max: number }
  hold_minutes: number
  requires: Requirement[]
}

/** One start that could be booked. `start` is its key. */
export interface Slot {
  start: string
  end: string
  remaining: number
  capacity: number
  status: SlotStatus
}

export interface Day {
  date: string
  status: SlotStatus
  slots: Slot[]
}

export interface Availability {
  venue: string
  service: string
  time_zone: string
  position: string
  as_of: string
  stale: boolean
  days: Day[]
}

export interface Customer {
  name: string
  email: string
  phone: string
  note: string
}

export interface Claim {
  resource: string
  units: number
}

export type CancelledBy = 'customer' | 'venue' | 'system'

export interface Booking {
  id: string
  status: BookingStatus
  /** Who cancelled it; absent while it is not cancelled, and from older servers. */
  cancelled_by?: CancelledBy
  venue: string
  service: string
  start: string
  end: string
  party_size: number
  claims: Claim[]
  expires_at?: string
  customer?: Partial<Customer>
  code: string
  created_at: string
  updated_at: string
  position: string
}

/** The answer to a new booking: the only one that carries the token to manage it. */
export interface NewBooking extends Booking {
  manage_token: string
}

/** A slot offered instead of a lost one; `resource` when it is another member of the pool. */
export interface Alternative extends Slot {
  resource?: string
}

export interface FieldError {
  field: string
  message: string
}

export interface ProblemBody {
  type: string
  title: string
  status: number
  detail?: string
  code: string
  request_id?: string
  errors?: FieldError[]
  alternatives?: Alternative[]
  waitlist?: { open: boolean }
  support?: Contact
}

/** What availability is asked for: the window a calendar shows. `from` and `to` are dates, both included. */
export interface AvailabilityQuery {
  venue: string
  service: string
  from: string
  to: string
  party_size: number
  resource?: string
}
