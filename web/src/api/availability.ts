import { venuePath } from './catalogue'
import { type Answer, request, send } from './http'
import type { Availability, AvailabilityQuery, Slot } from './types'

/** One GET of a window; with `etag`, a 304 comes back without data. */
export function getAvailability(query: AvailabilityQuery, etag?: string, signal?: AbortSignal): Promise<Answer<Availability>> {
  return send<Availability>(availabilityPath(query), { headers: etag ? { 'if-none-match': etag } : {}, signal })
}

/** The first slot in the given windows that can be booked, asked window by window; undefined if there is none. */
export async function firstFreeSlot(windows: AvailabilityQuery[], signal?: AbortSignal): Promise<Slot | undefined> {
  for (const window of windows) {
    const { days } = await request<Availability>(availabilityPath(window), { signal })
    const slot = days.flatMap((day) => day.slots).find(({ status }) => status === 'available' || status === 'limited')
    if (slot) return slot
  }
  return undefined
}

function availabilityPath(query: AvailabilityQuery): string {
  const parameters = new URLSearchParams({ from: query.from, to: query.to, party_size: String(query.party_size) })
  if (query.resource) parameters.set('resource', query.resource)
  return `${venuePath(query.venue)}/services/${encodeURIComponent(query.service)}/availability?${parameters}`
}
