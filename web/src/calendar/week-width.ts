import { MIN_WEEK_REM } from './limits'

/**
 * Whether a calendar of a width, in pixels, has no room for a week in the reader's text size. Media queries do not know that size: their
 * rem is the browser's. Zero is not drawn yet.
 */
export function isTooNarrowForWeek(width: number): boolean {
  if (width === 0) return false
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16
  return width < MIN_WEEK_REM * rem
}
