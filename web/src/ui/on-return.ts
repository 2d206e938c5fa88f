/** Calls back whenever the visitor or the network returns: a good moment to try what was waiting. */
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
