import type { AvailabilityQuery, Resource, Service, Venue } from '../api/types'
import { addDays, dateAtOffset, dateIn, isDate } from '../time/dates'
import { offsetMinutes } from '../time/wall-time'
import { clock } from '../ui/clock.svelte'
import { WINDOW_DAYS } from './limits'

export type ViewName = 'calendar' | 'list'

/** What the visitor has chosen to see, kept in the address so that it can be reloaded, shared and gone back to. */
export class Selection {
  readonly venue: Venue
  readonly services: Service[]
  readonly resources: Resource[]

  #service = $state('')
  #resource = $state('')
  #partySize = $state(1)
  #first = $state('')
  #day = $state('')
  #turned = false
  view = $state<ViewName>('calendar')

  constructor(venue: Venue, services: Service[], resources: Resource[], address: URLSearchParams) {
    this.venue = venue
    this.services = services
    this.resources = resources
    this.readAddress(address)
  }

  /** Takes what an address says: of this page as it is opened, or of an entry of the history. */
  readAddress(address: URLSearchParams): void {
    this.#service = address.get('service') ?? ''
    this.#resource = address.get('resource') ?? ''
    this.#partySize = Number(address.get('people')) || 1
    const date = address.get('date')
    this.#first = isDate(date) ? date : ''
    this.#day = ''
    this.view = address.get('view') === 'list' ? 'list' : 'calendar'
    this.#turned = false
  }

  /** The venue's offset as its starts carry it: what the date goes by when the browser does not know the zone. */
  #offset = $state(0)

  /** Today at the venue, by the server's clock. */
  readonly today: string = $derived.by(() => {
    const now = Math.floor(clock.now / 1000) * 1000
    return dateIn(this.venue.time_zone, now) ?? dateAtOffset(this.#offset, now)
  })

  readonly service: Service | undefined = $derived.by(
    () => this.services.find((service) => service.id === this.#service) ?? this.services[0],
  )

  /** The members of the pool to choose from; empty when there is no selection. */
  readonly pool: Resource[] = $derived.by(() => {
    const members = this.service?.requires.flatMap((requirement) => requirement.any_of ?? []) ?? []
    return members.length > 1 ? this.resources.filter((resource) => members.includes(resource.id)) : []
  })

  /** Undefined means that any member of the pool will do. */
  readonly resource: Resource | undefined = $derived(this.pool.find((resource) => resource.id === this.#resource))

  readonly partySize: number = $derived.by(() => {
    const { min, max } = this.service?.party_size ?? { min: 1, max: 1 }
    return Math.min(Math.max(this.#partySize, min), max)
  })

  /** The last date that can be booked. */
  readonly last: string = $derived(addDays(this.today, Math.max(0, this.service?.horizon_days ?? 0)))

  /** The first date shown: today, or whole windows later. */
  readonly first: string = $derived(this.#first > this.today ? (this.#first > this.last ? this.last : this.#first) : this.today)

  /** The day that the visitor chose among those shown; undefined while they have not. */
  readonly chosenDay: string | undefined = $derived(
    this.#day >= this.first && this.#day < addDays(this.first, WINDOW_DAYS) ? this.#day : undefined,
  )

  readonly query: AvailabilityQuery | undefined = $derived.by(() => this.#query())

  readonly hasPrevious: boolean = $derived(this.first > this.today)
  readonly hasNext: boolean = $derived(addDays(this.first, WINDOW_DAYS) <= this.last)

  /** Learns the venue's offset from any of its starts. */
  learnOffset(start: string): void {
    this.#offset = offsetMinutes(start)
  }

  chooseService(id: string): void {
    this.#service = id
  }

  chooseResource(id: string): void {
    this.#resource = id
  }

  /** A size outside the service's bounds changes nothing. */
  choosePartySize(size: number): void {
    const { min, max } = this.service?.party_size ?? { min: 1, max: 1 }
    if (size >= min && size <= max) this.#partySize = size
  }

  chooseDay(date: string): void {
    this.#day = date
  }

  /** Moves by one window, where there is one. */
  turn(windows: 1 | -1): void {
    if (!(windows > 0 ? this.hasNext : this.hasPrevious)) return
    this.#first = addDays(this.first, windows * WINDOW_DAYS)
    this.#day = ''
    this.#turned = true
  }

  /** Shows the window that starts with this date. */
  showDay(date: string): void {
    this.#first = date
    this.#day = date
    this.#turned = true
  }

  /** Whether other days were turned to since the last call: a step that Back should undo. */
  consumeTurned(): boolean {
    const turned = this.#turned
    this.#turned = false
    return turned
  }

  /** The address that leads back to this selection. */
  get search(): string {
    const address = new URLSearchParams()
    if (this.service && this.service !== this.services[0]) address.set('service', this.service.id)
    if (this.resource) address.set('resource', this.resource.id)
    if (this.partySize !== (this.service?.party_size.min ?? 1)) address.set('people', String(this.partySize))
    if (this.first > this.today) address.set('date', this.first)
    if (this.view === 'list') address.set('view', 'list')
    const text = address.toString()
    return text && `?${text}`
  }

  #query(): AvailabilityQuery | undefined {
    if (!this.service) return undefined
    return {
      venue: this.venue.id,
      service: this.service.id,
      from: this.first,
      to: addDays(this.first, WINDOW_DAYS - 1),
      party_size: this.partySize,
      ...(this.resource ? { resource: this.resource.id } : {}),
    }
  }
}
