/** Tells that the machine may just have woken. */
const WOKE = 'vacancy:woke'

/** Calls back whenever the visitor, the network or the machine returns: a good moment to try what was waiting. */
export function onResume(callback: () => void): () => void {
  const ifVisible = () => {
    if (document.visibilityState === 'visible') callback()
  }
  document.addEventListener('visibilitychange', ifVisible)
  addEventListener('online', callback)
  addEventListener('pageshow', callback)
  addEventListener(WOKE, callback)
  return () => {
    document.removeEventListener('visibilitychange', ifVisible)
    removeEventListener('online', callback)
    removeEventListener('pageshow', callback)
    removeEventListener(WOKE, callback)
  }
}

/** The machine may have slept: everybody who waits for a return is called back. */
export function announceReturn(): void {
  dispatchEvent(new Event(WOKE))
}
