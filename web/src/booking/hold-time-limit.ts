import { formatTime, plural, zoneName } from '../time/format'

// The time limit of a hold, in words and moments. WCAG 2.2.1: people are told of a limit, warned before it ends, and can
// extend it with one action.

/** Below this many seconds the page offers more time. */
export const OFFER_MORE_TIME_BELOW_S = 120
/** Below this many seconds the limit is shown as urgent. */
export const URGENT_BELOW_S = 30
/** How many seconds before the end the time left is announced: often enough to act on, rarely enough to type in peace. */
export const ANNOUNCE_TIME_LEFT_AT_S = [300, OFFER_MORE_TIME_BELOW_S, 60, URGENT_BELOW_S, 10]

/**
 * The announcement that is due when the time left went from one value to another; undefined if none is. Timers of a hidden
 * tab may skip seconds, so what counts is which moments were passed, not which were hit.
 */
export function dueAnnouncement(before: number, left: number): string | undefined {
  if (left <= 0 || !ANNOUNCE_TIME_LEFT_AT_S.some((moment) => left <= moment && moment < before)) return undefined
  const offer = left <= OFFER_MORE_TIME_BELOW_S && left > URGENT_BELOW_S ? ' You can ask for more time.' : ''
  return `${capitalise(formatDuration(left))} left to finish this booking.${offer}`
}

/**
 * What the dialog's description says about the limit. A time of day stays
 * true: a number of minutes would not, and a description that ticks is read out again and again.
 */
export function timeLimitText(expiresAt: string, zone: string): string {
  const end = `${formatTime(expiresAt, zone)}, ${zoneName(zone, expiresAt)}`
  return `The time is held for you until ${end}. You will be told before it runs out, and can ask for more.`
}

/** 600 -> "10 minutes", 95 -> "1 minute 35 seconds", 30 -> "30 seconds": for those who hear it. Whole minutes from five on. */
export function formatDuration(seconds: number): string {
  const total = Math.max(0, Math.round(seconds))
  if (total >= 300) return plural(Math.round(total / 60), 'minute')
  const minutes = Math.floor(total / 60)
  const secondPart = total % 60
  const parts = [minutes > 0 && plural(minutes, 'minute'), (secondPart > 0 || minutes === 0) && plural(secondPart, 'second')]
  return parts.filter(Boolean).join(' ')
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
