import { createSubscriber } from 'svelte/reactivity'
import { serverClock } from '../api/clock'

const everySecond = createSubscriber((update) => {
  const timer = setInterval(update, 1000)
  return () => clearInterval(timer)
})

/** The server's time in milliseconds, as a reactive value that moves every second while somebody looks at it. */
export const clock = {
  get now(): number {
    everySecond()
    return serverClock.now()
  },
  /** The latest that it may be: what is shown is at most so old. */
  get latest(): number {
    everySecond()
    return serverClock.latest()
  },
}
