import { newIdempotencyKey } from '../api/bookings'
import type { Alternative, Slot } from '../api/types'
import type { HoldDesk } from '../booking/hold-desk.svelte'
import type { Loss } from '../booking/loss'
import { AvailabilityFeed } from '../live/feed.svelte'
import type { Change } from '../live/picture'
import { announcements } from '../ui/announce.svelte'
import { describeChanges } from '../words/slot'
import { nearestAlternatives } from './alternatives'
import type { Choice } from './choice.svelte'
import { Looking } from './looking.svelte'
import { Marks } from './marks.svelte'

/** What the calendar shows and does: the live picture of the chosen window, its marks, and what a click means. */
export class Board {
  feed = $state.raw<AvailabilityFeed>()
  readonly marks = new Marks()
  readonly looking = new Looking()
  /** A slot that went while the visitor looked at it, or one that was full when clicked. */
  #gone = $state.raw<Pick<Loss, 'start' | 'reason'>>()

  /** Where the keyboard's focus goes once the days that were asked for are there: to a date, or to the tab stop. */
  arrival = $state.raw<{ date?: string }>()

  readonly choice: Choice
  readonly #desk: () => HoldDesk

  constructor(choice: Choice, desk: () => HoldDesk) {
    this.choice = choice
    this.#desk = desk
  }

  readonly days = $derived.by(() => this.feed?.picture?.days)

  readonly loss: Loss | undefined = $derived.by(
    () => this.#gone && { ...this.#gone, alternatives: nearestAlternatives(this.days ?? [], this.#gone.start) },
  )

  get zone(): string {
    return this.choice.venue.time_zone
  }

  /** Shows the window that is chosen now, until the returned function is called. Reads nothing reactive but the query. */
  open(): () => void {
    const query = this.choice.query
    if (!query) return () => {}
    const feed = new AvailabilityFeed(query, (changes) => this.#changed(changes))
    this.feed = feed
    return () => {
      this.forgetLoss()
      feed.close()
      this.marks.clear()
      this.looking.dismiss()
    }
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
    this.looking.dismiss()
    if (slot.status === 'full') this.#gone = { start: slot.start, reason: 'full' }
    else this.take(slot)
  }

  take(slot: Alternative): void {
    const { query } = this.choice
    if (!query) return
    this.forgetLoss()
    const resource = slot.resource ?? query.resource
    const { venue, service, party_size } = query
    void this.#desk().ask({
      key: newIdempotencyKey(),
      venue,
      service,
      start: slot.start,
      party_size,
      ...(resource ? { resource } : {}),
    })
  }

  forgetLoss(): void {
    this.#gone = undefined
  }

  nearby(start: string): Alternative[] {
    return nearestAlternatives(this.days ?? [], start)
  }

  #changed(changes: Change[]): void {
    this.marks.note(changes)
    const watched = this.looking.at?.start
    const lost = changes.find(
      ({ before, after }) => before?.start === watched && before?.status !== 'full' && (after?.status ?? 'full') === 'full',
    )
    if (lost && watched && watched !== this.#desk().ownStart) {
      this.#gone = { start: watched, reason: lost.after ? 'taken' : 'gone' }
    } else {
      announcements.say(describeChanges(changes, this.zone))
    }
  }
}
