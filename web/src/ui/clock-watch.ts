import { serverClock } from '../api/clock'
import { send } from '../api/http'
import { ASK_TIME_AGAIN_AFTER_MS, CHECK_CLOCK_EVERY_MS } from '../api/limits'
import { announceReturn } from './resume'

/** Answered by the server itself, to anybody, and not counted by its limits. */
const TIME_PATH = '/healthz'

/**
 * Asks the server for its time whenever the visitor's clock and the browser's timer have parted: the machine slept, or the
 * clock was set. After a sleep the live connection is tried at once as well. Returns the way to stop.
 */
export function watchClock(): () => void {
  let asking = false
  let askAgainAt = 0

  async function ask(): Promise<void> {
    asking = true
    try {
      await send(TIME_PATH) // Every answer tells the time by its Date header.
    } catch {
      // The doubt remains, and the next turn asks again.
    } finally {
      asking = false
      askAgainAt = performance.now() + ASK_TIME_AGAIN_AFTER_MS
    }
  }

  const timer = setInterval(() => {
    const parted = serverClock.check()
    if (parted) announceReturn()
    if (serverClock.isDoubtful && !asking && (parted || performance.now() >= askAgainAt)) void ask()
  }, CHECK_CLOCK_EVERY_MS)
  return () => clearInterval(timer)
}
