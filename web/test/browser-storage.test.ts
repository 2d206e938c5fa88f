import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadItem, saveItem } from '../src/api/browser-storage'
import type { Booking } from '../src/api/types'
import { clearStoredHold, leaveHold, loadStoredHold, reclaimHold, storeHold } from '../src/booking/hold-storage'

class FakeStorage {
  readonly items = new Map<string, string>()
  getItem = (key: string) => this.items.get(key) ?? null
  setItem = (key: string, value: string) => void this.items.set(key, value)
  removeItem = (key: string) => void this.items.delete(key)
}

test('a hold outlives a reload, but not its time', () => {
  const storage = new FakeStorage()
  Object.assign(globalThis, { sessionStorage: storage, localStorage: new FakeStorage() })
  const booking = { id: 'bk_1', venue: 'v', expires_at: '2026-11-24T09:10:00+01:00' } as Booking
  const before = Date.parse('2026-11-24T08:09:59Z')
  storeHold({ booking, token: 't' })
  assert.deepEqual(loadStoredHold('v', before), { booking, token: 't' })
  assert.equal(loadStoredHold('other', before), undefined)
  assert.equal(loadStoredHold('v', before + 1000), undefined)
  assert.equal(storage.items.size, 0, 'what has run out is forgotten')
  storeHold({ booking, token: 't' })
  clearStoredHold('v')
  assert.equal(loadStoredHold('v', before), undefined)
})

test('what a closed tab leaves is found by the next visit in another tab, once', () => {
  const shared = new FakeStorage()
  const openTab = () => Object.assign(globalThis, { sessionStorage: new FakeStorage(), localStorage: shared })
  const booking = { id: 'bk_1', venue: 'v', expires_at: '2026-11-24T09:10:00+01:00' } as Booking
  const before = Date.parse('2026-11-24T08:09:59Z')
  openTab()
  storeHold({ booking, token: 't' })
  openTab()
  assert.equal(loadStoredHold('v', before), undefined, 'a hold in an open tab is that tab’s')
  storeHold({ booking, token: 't' })
  leaveHold('v')
  openTab()
  assert.deepEqual(loadStoredHold('v', before), { booking, token: 't' })
  assert.equal(shared.items.size, 0)
  assert.deepEqual(loadStoredHold('v', before), { booking, token: 't' }, 'it is this tab’s now')
  leaveHold('v')
  reclaimHold('v')
  openTab()
  assert.equal(loadStoredHold('v', before), undefined, 'the tab came back from the browser’s cache')
  storeHold({ booking, token: 't' })
  leaveHold('v')
  openTab()
  assert.equal(loadStoredHold('v', before + 1000), undefined)
  assert.equal(shared.items.size, 0, 'what has run out is forgotten')
})

test('a tab that has a hold of its own leaves what another tab left to the next one', () => {
  const shared = new FakeStorage()
  const openTab = () => Object.assign(globalThis, { sessionStorage: new FakeStorage(), localStorage: shared })
  const holdOf = (id: string) => ({ booking: { id, venue: 'v', expires_at: '2026-11-24T09:10:00+01:00' } as Booking, token: id })
  const before = Date.parse('2026-11-24T08:09:59Z')
  openTab()
  storeHold(holdOf('bk_left'))
  leaveHold('v')
  openTab()
  storeHold(holdOf('bk_own'))
  assert.equal(loadStoredHold('v', before)?.token, 'bk_own')
  openTab()
  assert.equal(loadStoredHold('v', before)?.token, 'bk_left')
})

test('storage that does not work means nothing remembered', () => {
  const broken = (): Storage => {
    throw new Error('switched off')
  }
  saveItem('k', 1, broken)
  assert.equal(loadItem('k', broken), undefined)
  const odd = new FakeStorage()
  odd.setItem('k', '{not json')
  assert.equal(
    loadItem('k', () => odd as unknown as Storage),
    undefined,
  )
})
