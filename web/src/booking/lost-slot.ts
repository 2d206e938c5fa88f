import { Problem } from '../api/problem'
import { plural } from '../time/format'
import { standingOf } from '../labels/slot'
import type { Alternative, Booking, Contact, Service, Slot } from '../api/types'

/** Why a slot that somebody wanted is not to be had. */
export type LostReason =
  | 'taken'
  | 'full'
  /** There is room, but for fewer people. */
  | 'too_few'
  /** It was full, and somebody gave a place back. */
  | 'free_again'
  | 'too_soon'
  | 'beyond_horizon'
  | 'gone'
  /** The hold's time ran out. */
  | 'expired'
  /** The venue cancelled the hold. */
  | 'ended_by_venue'
  /** The customer gave the hold back, in another window. */
  | 'released'
  /** The hold was cancelled, and nobody says by whom. */
  | 'ended'

export interface LostSlot {
  start: string
  reason: LostReason
  alternatives: Alternative[]
  contact?: Contact
  /** With `too_few`: the people there is room for, and those who would come. */
  room?: { places: number; people: number }
}

/** The codes of the API that mean a lost slot. */
const reasons: Record<string, LostReason> = {
  slot_unavailable: 'taken',
  hold_expired: 'expired',
  too_soon: 'too_soon',
  beyond_horizon: 'beyond_horizon',
  not_a_slot: 'gone',
}

export const lostSlotCodes = new Set(Object.keys(reasons))

/** The customer's own slot is free again after these, so it may be offered once more. */
const mayBeOfferedAgain: ReadonlySet<LostReason> = new Set(['expired', 'released', 'ended'])

/** Reads a refusal as a lost slot; undefined when the problem is another one. */
export function lostSlotFrom(error: unknown, start: string, nearby: Alternative[]): LostSlot | undefined {
  if (!(error instanceof Problem)) return undefined
  const reason = reasons[error.code]
  if (!reason) return undefined
  const { alternatives, support } = error.body
  const lost = lostSlot(start, reason, alternatives?.length ? alternatives : nearby)
  return support ? { ...lost, contact: support } : lost
}

/**
 * A lost slot with the reason that is true at this moment, by what the calendar shows of it: a slot that was refused or full
 * may have room for fewer people.
 */
export function withRoom(lost: LostSlot, slot: Slot | undefined, people: number): LostSlot {
  const mayHaveRoom = lost.reason === 'taken' || lost.reason === 'full'
  if (!mayHaveRoom || !slot || standingOf(slot) !== 'too-few') return lost
  return { ...lost, reason: 'too_few', room: { places: slot.remaining, people } }
}

/** How many people a lost slot could still be taken for; undefined when the service is not for so few, or there is no room. */
export function fewerPeople({ room }: LostSlot, service: Service | undefined): number | undefined {
  return room && room.places >= (service?.party_size.min ?? 1) ? room.places : undefined
}

/** The slot of a hold that is over, with the true reason. */
export function lostHold(booking: Booking, nearby: Alternative[]): LostSlot {
  return lostSlot(booking.start, booking.status === 'expired' ? 'expired' : cancelReason(booking), nearby)
}

export function lostSlot(start: string, reason: LostReason, nearby: Alternative[]): LostSlot {
  const own = Date.parse(start)
  const others = nearby.filter((slot) => slot.resource !== undefined || Date.parse(slot.start) !== own)
  return { start, reason, alternatives: mayBeOfferedAgain.has(reason) ? nearby : others }
}

function cancelReason({ cancelled_by: by }: Booking): LostReason {
  if (by === 'venue') return 'ended_by_venue'
  return by === 'customer' ? 'released' : 'ended'
}

export interface LostSlotText {
  title: string
  detail: string
  /** Introduces the alternatives, or says that there are none. Never both. */
  offer: string
}

/** What is said about a lost slot: a headline with the time in it, what it means, and what else there is. */
export function lostSlotText(lost: Pick<LostSlot, 'reason' | 'alternatives' | 'room'>, moment: string): LostSlotText {
  const { reason, alternatives } = lost
  const offer = alternatives.length > 0 ? 'Take one of these with one click:' : 'Nothing else is free around that time.'
  switch (reason) {
    case 'taken':
      return { title: `${moment} has just been taken`, detail: 'Someone else was a moment faster.', offer }
    case 'full':
      return { title: `${moment} is fully booked`, detail: 'Every place at this time is taken.', offer }
    case 'too_few': {
      const { places, people } = lost.room ?? { places: 0, people: 0 }
      return {
        title: `${moment} has only ${plural(places, 'place')} left`,
        detail: `You are ${people}.`,
        offer: alternatives.length > 0 ? `These times have room for ${people}:` : `No time around it has room for ${people}.`,
      }
    }
    case 'free_again':
      return { title: `${moment} is free again`, detail: 'Somebody gave it back.', offer }
    case 'too_soon':
      return {
        title: `${moment} is too soon to book here`,
        detail: 'It has passed, or it is closer than the notice this needs.',
        offer,
      }
    case 'beyond_horizon':
      return { title: `${moment} cannot be booked yet`, detail: 'It is further ahead than bookings are open.', offer }
    case 'gone':
      return { title: `${moment} is not offered any more`, detail: 'The schedule has changed.', offer }
    case 'expired':
      return { title: `Your hold on ${moment} has run out`, detail: 'The time went back to the calendar for everybody.', offer }
    case 'ended_by_venue':
      return {
        title: `The venue ended your hold on ${moment}`,
        detail: 'It did not run out: the venue cancelled it, and you did nothing wrong.',
        offer,
      }
    case 'released':
      return {
        title: `Your hold on ${moment} was given back`,
        detail: 'That was done with your own link, in another window.',
        offer,
      }
    case 'ended':
      return { title: `Your hold on ${moment} was ended`, detail: 'It did not run out: it was cancelled before its time.', offer }
  }
}
