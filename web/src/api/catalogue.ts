import { request } from './http'
import { loadItem, saveItem } from './browser-storage'
import type { Resource, Service, Venue } from './types'

/** The venues, newest answer first remembered: their contacts are what is shown when the server is away. */
export async function listVenues(signal?: AbortSignal): Promise<Venue[]> {
  const { venues } = await request<{ venues: Venue[] }>('/v1/venues', { signal })
  for (const venue of venues) rememberVenue(venue)
  return venues
}

export async function getVenue(id: string, signal?: AbortSignal): Promise<Venue> {
  const venue = await request<Venue>(venuePath(id), { signal })
  rememberVenue(venue)
  return venue
}

/** Keeps a venue for rememberedVenue. */
export function rememberVenue(venue: Venue): void {
  saveItem(venueKey(venue.id), venue)
}

export async function listServices(venue: string, signal?: AbortSignal): Promise<Service[]> {
  return (await request<{ services: Service[] }>(`${venuePath(venue)}/services`, { signal })).services
}

export async function listResources(venue: string, signal?: AbortSignal): Promise<Resource[]> {
  return (await request<{ resources: Resource[] }>(`${venuePath(venue)}/resources`, { signal })).resources
}

/** The venue as it was when this browser last saw it, or undefined. */
export function rememberedVenue(id: string): Venue | undefined {
  return loadItem<Venue>(venueKey(id))
}

export function venuePath(id: string): string {
  return `/v1/venues/${encodeURIComponent(id)}`
}

function venueKey(id: string): string {
  return `vacancy.venue.${id}`
}
