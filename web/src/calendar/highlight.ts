import { FLASH_EVERY_MS, TAG_MS } from './limits'

// When a slot that changed flashes, and how long it carries its "Updated" tag.

export interface Highlight {
  /** The tag stays until then. */
  expiresAt: number
  flashedAt: number
  /** Counts the flashes; an odd and an even one are drawn by different animations, so that each starts anew. */
  flashes: number
}

/** The class that draws the flash; see slots.css. */
export function flashClass(highlight: Highlight | undefined): string {
  if (!highlight) return ''
  return highlight.flashes % 2 === 1 ? 'flash-a' : 'flash-b'
}

export function nextHighlight(previous: Highlight | undefined, now: number): Highlight {
  const expiresAt = now + TAG_MS
  if (!previous) return { expiresAt, flashedAt: now, flashes: 1 }
  if (now - previous.flashedAt < FLASH_EVERY_MS) return { ...previous, expiresAt }
  return { expiresAt, flashedAt: now, flashes: previous.flashes + 1 }
}
