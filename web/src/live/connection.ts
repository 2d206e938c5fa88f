import { LiveSocket } from './socket'

/** The page's one live connection. */
export const liveSocket = new LiveSocket(() => {
  const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:'
  return new WebSocket(`${scheme}//${location.host}/v1/live`)
})

/** Calls back whenever the reader or the network returns: a good moment to try what was waiting. */
export function onReturn(callback: () => void): () => void {
  const ifVisible = () => {
    if (document.visibilityState === 'visible') callback()
  }
  document.addEventListener('visibilitychange', ifVisible)
  addEventListener('online', callback)
  addEventListener('pageshow', callback)
  return () => {
    document.removeEventListener('visibilitychange', ifVisible)
    removeEventListener('online', callback)
    removeEventListener('pageshow', callback)
  }
}
