import { Problem, Unreachable } from '../api/problem'
import { plural } from '../time/format'

/** What a customer is told about a failed request. */
export interface ErrorText {
  text: string
  /** The venue's contact belongs beside it: the customer can do nothing about it here. */
  withContact: boolean
}

/** What was being done. */
export type BookingAction = 'hold' | 'book' | 'confirm' | 'extend' | 'cancel'

const attempts: Record<BookingAction, string> = {
  hold: 'This time could not be held',
  book: 'Booking is not possible at this moment',
  confirm: 'Your time is still held, but it cannot be confirmed at this moment',
  extend: 'More time could not be asked for just now',
  cancel: 'Cancelling is not possible at this moment',
}

const safeRepeat: Record<BookingAction, string> = {
  hold: 'Please try again: it cannot be held twice.',
  book: 'Please press the button again: it cannot be booked twice.',
  confirm: 'Please press the button again: it cannot be booked twice.',
  extend: 'Please try again.',
  cancel: 'Please try again.',
}

const NOT_ALLOWED = 'This page is not allowed to do that. Open the venue’s page anew, at its own address, and try again.'
const CHANGED_ON_THE_WAY =
  'Something between this page and the booking system changed the request, so it was not accepted. Nothing was booked.'
const OUT_OF_DATE = 'This page no longer fits what is offered here. Please reload it and try again.'

/** Codes whose words do not depend on what was being done. The API's sentences are for programmers; these are for customers. */
const texts: Record<string, ErrorText> = {
  contact_limited: {
    text: 'This email address or phone number already has as many bookings here as one may have. Use another one, or ask the venue.',
    withContact: true,
  },
  bookings_limited: {
    text: 'So many bookings were made from your network that it cannot book more on such a busy day. Ask the venue: it can book for you.',
    withContact: true,
  },
  holds_limited: { text: 'No time can be held at the moment. It can still be booked at once.', withContact: true },
  misdirected: { text: NOT_ALLOWED, withContact: true },
  https_required: { text: NOT_ALLOWED, withContact: true },
  forbidden: { text: NOT_ALLOWED, withContact: true },
  unauthenticated: { text: NOT_ALLOWED, withContact: true },
  unsupported_media_type: { text: CHANGED_ON_THE_WAY, withContact: true },
  malformed: { text: CHANGED_ON_THE_WAY, withContact: true },
  method_not_allowed: { text: CHANGED_ON_THE_WAY, withContact: true },
  uri_too_long: { text: CHANGED_ON_THE_WAY, withContact: true },
  too_large: { text: 'That is too long to be sent. Please shorten the note.', withContact: false },
  not_found: { text: 'This is no longer offered here. Please reload the page.', withContact: true },
  invalid: { text: OUT_OF_DATE, withContact: true },
  in_use: { text: OUT_OF_DATE, withContact: true },
  precondition_failed: { text: OUT_OF_DATE, withContact: true },
  range_too_long: { text: OUT_OF_DATE, withContact: true },
  idempotency_mismatch: { text: 'Please try once more: the last attempt was changed on its way.', withContact: true },
}

/** Puts an error into words. What the slot itself refuses (taken, too soon, expired) has words of its own: see lost-slot.ts. */
export function errorText(error: unknown, action: BookingAction): ErrorText {
  if (error instanceof Unreachable)
    return { text: `${attempts[action]}: there was no answer. ${safeRepeat[action]}`, withContact: true }
  if (!(error instanceof Problem)) return { text: 'Something went wrong on this page. Please try again.', withContact: true }
  switch (error.code) {
    case 'too_many':
      return { text: `${attempts[action]}: too many requests come from your network. ${whenToTry(error)}`, withContact: true }
    case 'outcome_unknown':
      return { text: `It could not be found out whether that worked. ${safeRepeat[action]}`, withContact: true }
    case 'wrong_status':
      return { text: wrongStatus[action], withContact: action !== 'extend' }
  }
  const known = texts[error.code]
  if (known) return known
  if (error.status >= 500 || error.status === 408) return { text: `${attempts[action]}. ${whenToTry(error)}`, withContact: true }
  return { text: error.message, withContact: true }
}

const wrongStatus: Record<BookingAction, string> = {
  hold: OUT_OF_DATE,
  book: OUT_OF_DATE,
  confirm: 'This hold is over, so it cannot be confirmed.',
  extend: 'This hold cannot be extended any further.',
  cancel: 'This booking cannot be cancelled here any more.',
}

function whenToTry(problem: Problem): string {
  const { retryAfterS } = problem
  if (!retryAfterS || retryAfterS <= 2) return 'Please try again shortly.'
  const wait = retryAfterS < 90 ? plural(retryAfterS, 'second') : plural(Math.ceil(retryAfterS / 60), 'minute')
  return `Please try again in ${wait}.`
}

/** The codes that have words here, for the test that compares them with the API's. */
export const codesWithText = new Set([...Object.keys(texts), 'too_many', 'outcome_unknown', 'wrong_status'])
