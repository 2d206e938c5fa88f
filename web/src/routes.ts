export type Route =
  | { page: 'venues' }
  | { page: 'venue'; venue: string }
  | { page: 'booking'; venue: string; booking: string; token: string }
  | { page: 'not-found' }

/** Reads an address. Ids that could not exist are no page, so that nothing odd reaches the API. */
export function parseRoute(path: string, hash: string): Route {
  const segments = path.split('/').filter(Boolean).map(decode)
  if (segments.some((segment) => !/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/.test(segment))) return { page: 'not-found' }
  const [venue, noun, booking] = segments
  if (venue === undefined) return { page: 'venues' }
  if (segments.length === 1) return { page: 'venue', venue }
  if (segments.length === 3 && noun === 'bookings' && booking)
    return { page: 'booking', venue, booking, token: hash.replace(/^#/, '') }
  return { page: 'not-found' }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return ''
  }
}
