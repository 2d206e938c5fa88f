import type { Alternative, Slot } from '../api/types'
import type { BookingFlow } from '../booking/booking-flow.svelte'
import { type LostSlot, withRoom } from '../booking/lost-slot'
import { AvailabilityFeed } from '../live/availability-feed.svelte'
import type { Change } from '../live/availability-state'
import { announcements } from '../ui/announce.svelte'
import { formatTime, formatTimeWithOffset } from '../time/format'
import { isKnownZone, isRepeatedHour } from '../time/wall-time'
import { type Counting, countingOf, describeChanges, looksTheSame } from '../labels/slot'
import { nearestAlternatives } from './alternatives'
import { repeatedStarts } from './week-rows'
import { firstFreeStart, isFree } from './next-free'
import type { Selection } from './selection.svelte'
import { TooltipState } from './slot-tooltip.svelte'
import { Highlights } from './highlights.svelte'
import { BUFFERS_MS, OWN_CHANGES_MS } from './limits'

/** What the calendar shows and does: the live state of the chosen window, its highlights, and what a click means. */
export class CalendarState {
  feed = $state.raw<AvailabilityFeed>()
  readonly highlights = new Highlights()
  readonly tooltip = new TooltipState()
  /** A start without room that the visitor pressed: what else there is stands in a notice until it is dismissed. */
  #pressed = $state.raw<string>()
  /** The start whose hold the visitor gave back: a line near it says so until it is dismissed. */
  #released = $state.raw<string>()
  /** What changed since the last announcement, by start: the state that was announced or shown last, and the present one. */
  readonly #unsaid = new Map<string, Change>()

  /** What the keyboard's focus goes to once the days that were asked for are there: a start, or the tab stop. */
  pendingFocus = $state.raw<{ start?: string }>()

  /** What this visitor holds or asks for, or did until a moment ago. */
  #own: { start: string; endedAt?: number } | undefined

  /** The free time that was searched for and found: it stands out until something else is chosen. */
  found = $state<string>()

  readonly selection: Selection
  readonly #flow: () => BookingFlow

  constructor(selection: Selection, flow: () => BookingFlow) {
    this.selection = selection
    this.#flow = flow
  }

  readonly days = $derived.by(() => this.feed?.state?.days)

  /** What is said about the time without room that was pressed; true also when it changes meanwhile. */
  readonly fullSlot: LostSlot | undefined = $derived.by(() => {
    const start = this.#pressed
    if (start === undefined) return undefined
    const slot = this.slotAt(start)
    const reason = !slot ? 'gone' : isFree(slot) ? 'free_again' : 'full'
    return withRoom({ start, reason, alternatives: this.nearby(start) }, slot, this.selection.partySize)
  })

  get released(): string | undefined {
    return this.#released
  }

  /** The start that a notice stands under. */
  get noticeStart(): string | undefined {
    return this.#pressed ?? this.#released
  }

  /** Starts in hours that happen twice, as far as the days at hand show it: for zones that the browser does not know. */
  readonly #repeated: Set<string> = $derived.by(() => (isKnownZone(this.zone) ? new Set() : repeatedStarts(this.days ?? [])))

  readonly counting: Counting = $derived.by(() => countingOf(this.selection.service, this.selection.resources))

  /** The one day shown where there is room for one only. */
  readonly day: string = $derived.by(() => this.selection.chosenDay ?? this.selection.first)

  get zone(): string {
    return this.selection.venue.time_zone
  }

  /** Shows the window that is chosen now, until the returned function is called. Reads nothing reactive but the query. */
  open(): () => void {
    const query = this.selection.query
    if (!query) return () => {}
    const feed = new AvailabilityFeed(query, (changes) => this.#changed(changes))
    this.feed = feed
    if (!this.pendingFocus) this.found = undefined
    return () => {
      this.closeNotice()
      this.#unsaid.clear()
      feed.close()
      this.highlights.clear()
      this.tooltip.dismiss()
    }
  }

  /** The time of a start; with its offset where another start of the same date has the same wall time. */
  timeOf(start: string): string {
    return this.isRepeated(start) ? formatTimeWithOffset(start) : formatTime(start, this.zone)
  }

  /** Whether the clocks go back around a start, so that its wall time happens twice. */
  isRepeated(start: string): boolean {
    return isRepeatedHour(start, this.zone) ?? this.#repeated.has(start)
  }

  slotAt(start: string): Slot | undefined {
    for (const day of this.days ?? []) {
      const slot = day.slots.find((slot) => slot.start === start)
      if (slot) return slot
    }
    return undefined
  }

  /** A click on a slot: hold it at once, or say what else there is. */
  pick(slot: Slot): void {
    this.tooltip.dismiss()
    this.found = undefined
    if (slot.status !== 'full') return this.holdSlot(slot)
    this.closeNotice()
    this.#pressed = slot.start
  }

  holdSlot(slot: Alternative, people = this.selection.partySize): void {
    const { query } = this.selection
    if (!query) return
    this.closeNotice()
    const resource = slot.resource ?? query.resource
    const { venue, service } = query
    void this.#flow().requestHold({
      venue,
      service,
      start: slot.start,
      party_size: people,
      ...(resource ? { resource } : {}),
    })
  }

  /** Holds a start for fewer people than the calendar shows times for. */
  holdForFewer(start: string, people: number): void {
    const slot = this.slotAt(start)
    if (slot) this.holdSlot(slot, people)
  }

  closeNotice(): void {
    this.#pressed = undefined
    this.#released = undefined
  }

  /** The visitor closed the dialog, and with it gave back what was held for them. */
  noteReleased(start: string): void {
    this.closeNotice()
    this.#released = start
  }

  nearby(start: string): Alternative[] {
    return nearestAlternatives(this.days ?? [], start)
  }

  /** Follows what this visitor holds or asks for, so that its own changes are not told as somebody else's. */
  trackOwn(start: string | undefined): void {
    if (start) this.#own = { start }
    else if (this.#own && this.#own.endedAt === undefined) this.#own = { start: this.#own.start, endedAt: performance.now() }
  }

  /** Opens the shown window at its first day with a free time, unless the visitor chose one. */
  settleDay(): void {
    const { days, selection } = this
    if (!days || selection.chosenDay || days[0]?.date !== selection.first) return
    const free = firstFreeStart(days, { date: selection.first })
    selection.chooseDay(days.find((day) => day.slots.some((slot) => slot.start === free))?.date ?? selection.first)
  }

  /** What looks the same as before is no news: one court of four that is taken leaves its time just free. */
  #changed(all: Change[]): void {
    const changes = all.filter((change) => !this.#isOwn(change) && !looksTheSame(change.before, change.after, this.counting))
    if (changes.length === 0) return
    this.highlights.note(changes)
    for (const change of changes) {
      const start = (change.after ?? change.before)?.start ?? ''
      this.#unsaid.set(start, this.#since(this.#unsaid.get(start), change))
    }
    announcements.say(() => this.#news(), 'news')
  }

  /** A change that goes on from one that was not announced yet. */
  #since(earlier: Change | undefined, { date, before, after }: Change): Change {
    const first = earlier ? earlier.before : before
    return { date, ...(first && { before: first }), ...(after && { after }) }
  }

  /** All that changed since the last announcement and did not change back, for those who hear the page. */
  #news(): string {
    const changes = [...this.#unsaid.values()].filter(({ before, after }) => !looksTheSame(before, after, this.counting))
    this.#unsaid.clear()
    return describeChanges(changes, this.zone, this.counting, this.tooltip.target?.start)
  }

  /** A hold changes the starts around it too: those that would overlap with it or its buffers. */
  #isOwn({ before, after }: Change): boolean {
    const start = (after ?? before)?.start
    if (!start || !this.#own) return false
    const { start: own, endedAt } = this.#own
    if (endedAt !== undefined && performance.now() - endedAt > OWN_CHANGES_MS) return false
    const reach = (this.selection.service?.duration_minutes ?? 0) * 60_000 + BUFFERS_MS
    return Math.abs(Date.parse(start) - Date.parse(own)) < reach
  }
}
