import { serverClock } from './clock'
import type { Availability, Resource, Service, Venue } from './types'

// What the server writes into a venue's page beside its scripts, so that the first times are drawn without asking again:
// the bodies of the API's answers.

export interface PageData {
  /** The server's time as it wrote the page. */
  now: string
  venue: Venue
  services: Service[]
  resources: Resource[]
  /** The first week of the service in the address, or of the first; null when there is none. */
  availability: Availability | null
}

/** The data as the server writes it: its lists are the bodies of the API's answers. */
interface Written {
  now: string
  venue: Venue
  services: { services: Service[] } | null
  resources: { resources: Resource[] } | null
  availability: Availability | null
}

const ELEMENT_ID = 'vacancy-data'

/** The data of this page's load, for a venue. The element is read once: later visits of the same page ask the server. */
export function consumePageData(venue: string): PageData | undefined {
  const element = document.getElementById(ELEMENT_ID)
  element?.remove()
  const data = parsePageData(element?.textContent ?? '', venue)
  if (data) learnTime(data.now)
  return data
}

/** Whether the server answered this page's load with 404: nothing is at its address, and nothing needs to be asked for. */
export function loadedAsMissing(): boolean {
  return isMissing(document.getElementById(ELEMENT_ID)?.textContent ?? '')
}

/** Whether the data's text is that of the page that stands for all addresses at which nothing is. */
export function isMissing(text: string): boolean {
  try {
    return (JSON.parse(text) as { missing?: unknown } | null)?.missing === true
  } catch {
    return false
  }
}

/** Reads the data's text; undefined when it is not there, not whole, or another venue's. */
export function parsePageData(text: string, venue: string): PageData | undefined {
  let data: Partial<Written> | null
  try {
    data = JSON.parse(text) as Partial<Written> | null
  } catch {
    return undefined
  }
  if (typeof data !== 'object' || data?.venue?.id !== venue || !data.venue.time_zone) return undefined
  const { now = '', availability } = data
  const services = data.services?.services
  const resources = data.resources?.resources
  if (!Array.isArray(services) || !Array.isArray(resources)) return undefined
  const usable = Array.isArray(availability?.days) && typeof availability?.position === 'string'
  return { now, venue: data.venue, services, resources, availability: usable ? (availability ?? null) : null }
}

/** The page's own request is the first that tells the server's time. */
function learnTime(now: string): void {
  const [load] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  if (!load || load.responseStart <= 0) return
  serverClock.learn(now, load.requestStart, load.responseStart)
}
