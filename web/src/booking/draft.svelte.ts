import { tabStorage, loadItem, saveItem } from '../api/browser-storage'
import type { Customer } from '../api/types'

const KEY = 'vacancy.draft'
const empty: Customer = { name: '', email: '', phone: '', note: '' }

/**
 * What the customer has typed. It outlives a lost slot, a closed panel and a reload, and is gone with the tab: nobody types
 * their name twice, and nothing stays on a shared machine.
 */
export class Draft {
  customer = $state<Customer>({ ...empty, ...loadItem<Partial<Customer>>(KEY, tabStorage) })

  get begun(): boolean {
    return Object.values(this.customer).some((text) => text !== '')
  }

  keep(): void {
    saveItem(KEY, this.customer, tabStorage)
  }

  /** After a booking: the next one is by the same person, but not with the same note. */
  booked(): void {
    this.customer.note = ''
    this.keep()
  }
}
