// The numbers of the calendar.

/** How many days are shown at a time: a week, from any day on. */
export const WINDOW_DAYS = 7
/** How many days one search for a free time asks the server for: small answers, and quick ones. */
export const SEARCH_DAYS = 14

/** How long a slot that changed carries its "Updated" tag. */
export const TAG_MS = 2_000
/** A slot flashes at most once in this time: faster would be a strobe. */
export const FLASH_EVERY_MS = 1_000
/** Tags that end close to one another are taken away together. */
export const SWEEP_EVERY_MS = 100
/** How long after a hold of this page has ended its own changes may still arrive, which are no news to the visitor. */
export const OWN_CHANGES_MS = 3_000
/** How far the buffers of a service may carry the effect of a hold. */
export const BUFFERS_MS = 3_600_000

/** A slot's details open when the mouse rests, not when it passes; and stay open long enough to be reached. */
export const OPEN_TOOLTIP_AFTER_MS = 120
export const CLOSE_TOOLTIP_AFTER_MS = 180

/** The least width of a calendar that shows a week: seven words and the time beside them. Times the text size. */
export const MIN_WEEK_REM = 40
