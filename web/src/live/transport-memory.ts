import { loadItem, removeItem, saveItem, tabStorage } from '../api/browser-storage'
import { SOCKET_RETRY_MS } from './limits'

// Which way brought changes, for the length of a visit: behind a proxy that refuses WebSockets, the next page does not
// try one first.

const KEY = 'vacancy.socket-refused'

export interface TransportMemory {
  /** Whether a WebSocket was refused a short time ago, while an event stream worked. */
  socketRefused(): boolean
  socketWorks(): void
  streamWorksInstead(): void
}

export const visitMemory: TransportMemory = {
  socketRefused: () => {
    const at = loadItem<number>(KEY, tabStorage)
    return typeof at === 'number' && Math.abs(Date.now() - at) < SOCKET_RETRY_MS
  },
  socketWorks: () => removeItem(KEY, tabStorage),
  streamWorksInstead: () => {
    if (!visitMemory.socketRefused()) saveItem(KEY, Date.now(), tabStorage)
  },
}
