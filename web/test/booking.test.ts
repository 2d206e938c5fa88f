import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Problem } from '../src/api/problem'
import { checkCustomer, fieldErrorsOf } from '../src/booking/customer-fields'
import { lostSlotFrom, lostSlotText } from '../src/booking/lost-slot'
import { parseFrame } from '../src/live/protocol'
import { parseRoute } from '../src/routes'

const slot = { start: 'a', end: 'b', remaining: 1, capacity: 1, status: 'available' as const }

test('a refusal with alternatives is a loss that carries them', () => {
  const problem = new Problem(409, { code: 'slot_unavailable', alternatives: [slot], support: { phone: '1' } })
  assert.deepEqual(lostSlotFrom(problem, 's', []), { start: 's', reason: 'taken', alternatives: [slot], contact: { phone: '1' } })
})

test('a refusal without alternatives takes what the calendar knows, but not the lost slot itself', () => {
  const nearby = [slot, { ...slot, start: 's' }]
  assert.deepEqual(lostSlotFrom(new Problem(409, { code: 'slot_unavailable' }), 's', nearby)?.alternatives, [slot])
  assert.deepEqual(lostSlotFrom(new Problem(409, { code: 'hold_expired' }), 's', nearby)?.alternatives, nearby)
})

test('other problems are no loss', () => {
  assert.equal(lostSlotFrom(new Problem(503, { code: 'unavailable' }), 's', []), undefined)
  assert.equal(lostSlotFrom(new Error('x'), 's', []), undefined)
})

test('every reason has words with the time in them', () => {
  for (const reason of ['taken', 'expired', 'full', 'too_soon', 'gone'] as const) {
    assert.match(lostSlotText(reason, 'Tue, 09:00').title, /Tue, 09:00/)
  }
})

test('a name and a way to be reached are needed', () => {
  const nobody = { name: ' ', email: '', phone: '', note: '' }
  assert.deepEqual(Object.keys(checkCustomer(nobody)), ['name', 'email'])
  assert.deepEqual(checkCustomer({ ...nobody, name: 'Ada', phone: '1' }), {})
})

test('the server’s complaints find their fields', () => {
  const problem = new Problem(422, {
    code: 'invalid',
    errors: [
      { field: 'customer.email', message: 'is not an email address' },
      { field: 'body.customer.name', message: 'is required.' },
      { field: 'start', message: 'is odd' },
    ],
  })
  assert.deepEqual(fieldErrorsOf(problem), { email: 'Is not an email address.', name: 'Is required.' })
  assert.deepEqual(fieldErrorsOf(new Error('x')), {})
})

test('addresses', () => {
  assert.deepEqual(parseRoute('/', ''), { page: 'venues' })
  assert.deepEqual(parseRoute('/barber/', ''), { page: 'venue', venue: 'barber' })
  assert.deepEqual(parseRoute('/barber/bookings/bk_1', '#tok'), {
    page: 'booking',
    venue: 'barber',
    booking: 'bk_1',
    token: 'tok',
  })
  for (const path of ['/a/b', '/a/bookings', '/a/bookings/b/c', '/%', '/..%2f', '/a b']) {
    assert.deepEqual(parseRoute(path, ''), { page: 'not-found' }, path)
  }
})

test('frames are read by type, and unknown ones passed over', () => {
  const frame = { type: 'booking', id: 'b', booking: { id: 'bk_1', status: 'held' } }
  assert.deepEqual(parseFrame(JSON.stringify(frame)), frame)
  for (const text of ['', 'null', '[]', '7', '{"type":"new"}', '{}']) assert.equal(parseFrame(text), undefined, text)
})
