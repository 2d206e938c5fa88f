// The numbers of the page's calls.

/** An answer that takes longer counts as none. Longer than the server's own bounds, which are below 10 s. */
export const REQUEST_TIMEOUT_MS = 15_000
/** A repeat that the page makes by itself waits this long, with jitter, unless the server names a time. */
export const RETRY_AFTER_MS = 400
/** The longest Retry-After that is waited for without telling the customer, in seconds. */
export const MAX_SILENT_RETRY_S = 3

/** The Date header has whole seconds; a smaller difference is noise, not an offset. */
export const CLOCK_TOLERANCE_MS = 1_500
/** A header that contradicts what was learned by more than this is believed, however slow its answer was. */
export const CLOCK_CONTRADICTION_MS = 5_000
/** The visitor's clock and the browser's timer have parted when they differ by this much more than before: a sleep, or a clock that was set. */
export const CLOCKS_PARTED_MS = 2_000
/** How long the server may take to settle that doubt before what is shown counts as possibly old. */
export const CLOCK_DOUBT_GRACE_MS = 2_000
/** How often the two are compared. */
export const CHECK_CLOCK_EVERY_MS = 1_000
/** A server that did not answer for its time is asked again after this. */
export const ASK_TIME_AGAIN_AFTER_MS = 5_000
/** Round trips below this are as good as one another. */
export const GOOD_ROUND_TRIP_MS = 50
