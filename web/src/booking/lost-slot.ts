import { Problem } from '../api/problem'
import type { Alternative, Contact } from '../api/types'

/** Why a slot that somebody wanted is not to be had. */
export type LostReason = 'taken' | 'expired' | 'full' | 'too_soon' | 'gone'

export interface LostSlot {
  start: string
  reason: LostReason
  alternatives: Alternative[]
  contact?: Contact
}

const reasons: Record<string, LostReason> = {
  slot_unavailable: 'taken',
  hold_expired: 'expired',
  too_soon: 'too_soon',
  beyond_horizon: 'gone',
  not_a_slot: 'gone',
}

/** Reads a refusal as a loss; undefined when the problem is another one. */
export function lostSlotFrom(error: unknown, start: string, nearby: Alternative[]): LostSlot | undefined {
  if (!(error instanceof Problem)) return undefined
  const reason = reasons[error.code]
  if (!reason) return undefined
  const { alternatives, support } = error.body
  return {
    start,
    reason,
    alternatives: alternatives?.length ? alternatives : nearby.filter((slot) => slot.start !== start || reason === 'expired'),
    ...(support ? { contact: support } : {}),
  }
}

/** What is said about a loss: a headline with the time in it, and what it means. */
export function lostSlotText(reason: LostReason, moment: string): { title: string; detail: string } {
  switch (reason) {
    case 'taken':
      return { title: `${moment} has just been taken`, detail: 'Someone else was a moment faster.' }
    case 'expired':
      return { title: `Your hold on ${moment} has run out`, detail: 'The time went back to the calendar for everybody.' }
    case 'full':
      return { title: `${moment} is fully booked`, detail: 'These times are close to it.' }
    case 'too_soon':
      return { title: `${moment} is too soon to book here`, detail: 'It has passed, or it is closer than the notice this needs.' }
    case 'gone':
      return { title: `${moment} is not offered any more`, detail: 'The schedule has changed.' }
  }
}
