import { LiveSocket } from './socket'

/** The page's one live connection. */
export const liveSocket = new LiveSocket(() => {
  const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:'
  return new WebSocket(`${scheme}//${location.host}/v1/live`)
})
