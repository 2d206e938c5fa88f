import { tabStorage, loadItem, saveItem } from '../api/browser-storage'
import type { Customer } from '../api/types'

const KEY = 'vacancy.draft'
const empty: Customer = { name: '', email: '', phone: '', note: '' }

/**
 * What the customer has typed. It outlives a lost slot, a closed panel and a reload, and is gone with the tab: nobody types
 * their name twice, and nothing stays on a shared machine.
 */
export class CustomerDraft {
  customer = $state<Customer>({ ...empty, ...loadItem<Partial<Customer>>(KEY, tabStorage) })

  get hasText(): boolean {
    return Object.values(this.customer).some((text) => text !== '')
  }

  save(): void {
    saveItem(KEY, this.customer, tabStorage)
  }

  /** After a booking: the next one is by the same person, but not with the same note. */
  clearNote(): void {
    this.customer.note = ''
    this.save()
  }
}
