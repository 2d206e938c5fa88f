import type { Booking } from '../api/types'

export interface StatusText {
  label: string
  detail: string
  /** One of the slot colours. */
  tone: 'is-available' | 'is-limited' | 'is-full' | 'is-closed'
  icon: string
  /** The customer may want another time now. */
  offersOtherTimes: boolean
}

/** What a booking's page says about its status: true reasons, by who did it. */
export function statusText(booking: Pick<Booking, 'status' | 'cancelled_by'>, venueName = 'The venue'): StatusText {
  switch (booking.status) {
    case 'held':
      return {
        label: 'Held, not confirmed yet',
        detail: 'The time is kept for a few minutes. Finish the booking before it runs out.',
        tone: 'is-limited',
        icon: 'clock',
        offersOtherTimes: false,
      }
    case 'confirmed':
      return {
        label: 'Confirmed',
        detail: 'We look forward to seeing you.',
        tone: 'is-available',
        icon: 'available',
        offersOtherTimes: false,
      }
    case 'cancelled':
      return cancelledText(booking, venueName)
    case 'expired':
      return {
        label: 'Expired',
        detail: 'It was not confirmed in time, so the time went back to the calendar.',
        tone: 'is-full',
        icon: 'warning',
        offersOtherTimes: true,
      }
    case 'completed':
      return {
        label: 'Completed',
        detail: 'Thank you for coming.',
        tone: 'is-available',
        icon: 'available',
        offersOtherTimes: false,
      }
    case 'no_show':
      return {
        label: 'Missed',
        detail: 'This booking was not taken up.',
        tone: 'is-closed',
        icon: 'close',
        offersOtherTimes: false,
      }
  }
}

function cancelledText({ cancelled_by: by }: Pick<Booking, 'cancelled_by'>, venueName: string): StatusText {
  switch (by) {
    case 'customer':
      return {
        label: 'You cancelled this booking',
        detail: 'The time is free for others again.',
        tone: 'is-closed',
        icon: 'close',
        offersOtherTimes: true,
      }
    case 'venue':
      return {
        label: 'Cancelled by the venue',
        detail: `${venueName} cancelled this booking, not you. Please choose another time, or ask what happened.`,
        tone: 'is-full',
        icon: 'warning',
        offersOtherTimes: true,
      }
    default:
      return {
        label: 'Cancelled',
        detail: 'This booking does not take place.',
        tone: 'is-closed',
        icon: 'close',
        offersOtherTimes: true,
      }
  }
}
