import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filledFields } from '../src/api/bookings'
import { Problem } from '../src/api/problem'
import type { Booking, CancelledBy, Service } from '../src/api/types'
import { checkCustomer, describeErrors, fieldErrorsOf } from '../src/booking/customer-fields'
import { fewerPeople, lostHold, type LostReason, lostSlotFrom, lostSlotText, withRoom } from '../src/booking/lost-slot'
import { calendarPath } from '../src/booking/other-times'
import { statusText } from '../src/booking/status-text'
import { parseFrame } from '../src/live/protocol'
import { parseRoute } from '../src/routes'

const S = '2026-11-24T09:00:00+01:00'
const slot = {
  start: '2026-11-24T10:00:00+01:00',
  end: '2026-11-24T11:00:00+01:00',
  remaining: 1,
  capacity: 1,
  status: 'available' as const,
}

const reasons: LostReason[] = [
  'taken',
  'full',
  'too_soon',
  'beyond_horizon',
  'gone',
  'expired',
  'ended_by_venue',
  'released',
  'ended',
]

test('a refusal with alternatives is a lost slot that carries them', () => {
  const problem = new Problem(409, { code: 'slot_unavailable', alternatives: [slot], support: { phone: '1' } })
  assert.deepEqual(lostSlotFrom(problem, S, []), { start: S, reason: 'taken', alternatives: [slot], contact: { phone: '1' } })
})

test('a refusal without alternatives takes what the calendar knows, but not the lost slot itself', () => {
  const nearby = [slot, { ...slot, start: S }]
  assert.deepEqual(lostSlotFrom(new Problem(409, { code: 'slot_unavailable' }), S, nearby)?.alternatives, [slot])
  assert.deepEqual(lostSlotFrom(new Problem(409, { code: 'hold_expired' }), S, nearby)?.alternatives, nearby)
})

test('other problems are no lost slot', () => {
  assert.equal(lostSlotFrom(new Problem(503, { code: 'unavailable' }), S, []), undefined)
  assert.equal(lostSlotFrom(new Error('x'), S, []), undefined)
})

test('a hold is only said to have run out when it did', () => {
  const hold = { start: S } as Booking
  const reasonOf = (more: Partial<Booking>) => lostHold({ ...hold, ...more }, []).reason
  assert.equal(reasonOf({ status: 'expired' }), 'expired')
  assert.equal(reasonOf({ status: 'cancelled', cancelled_by: 'venue' }), 'ended_by_venue')
  assert.equal(reasonOf({ status: 'cancelled', cancelled_by: 'customer' }), 'released')
  assert.equal(reasonOf({ status: 'cancelled', cancelled_by: 'system' }), 'ended')
  assert.equal(reasonOf({ status: 'cancelled' }), 'ended', 'an older server does not say by whom')
  for (const reason of reasons) {
    const { title, detail } = lostSlotText({ reason, alternatives: [] }, 'Tue, 09:00')
    assert.equal(/has run out/.test(title + detail), reason === 'expired', reason)
  }
})

test('every reason has words with the time in them, and they never offer times that are not there', () => {
  for (const reason of reasons) {
    const none = lostSlotText({ reason, alternatives: [] }, 'Tue, 09:00')
    const some = lostSlotText({ reason, alternatives: [slot] }, 'Tue, 09:00')
    assert.match(none.title, /Tue, 09:00/)
    assert.match(none.offer, /Nothing else is free/)
    assert.doesNotMatch(none.title + none.detail, /these times|take one|close to/i, reason)
    assert.match(some.offer, /Take one of these/)
    assert.doesNotMatch(some.title + some.detail + some.offer, /nothing else/i, reason)
  }
})

test('a time with too few places says how many, and is offered to fewer people only where the service is for them', () => {
  const few = { ...slot, status: 'full', remaining: 2, capacity: 12 } as const
  const full = { start: few.start, reason: 'full', alternatives: [] } as const
  const lost = withRoom({ ...full, alternatives: [] }, few, 4)
  assert.equal(lost.reason, 'too_few')
  const words = lostSlotText(lost, 'Tue, 09:00')
  assert.equal(words.title, 'Tue, 09:00 has only 2 places left')
  assert.doesNotMatch(words.title + words.detail, /full|taken/)
  assert.match(words.offer, /No time around it has room for 4/)
  assert.match(lostSlotText({ ...lost, alternatives: [slot] }, 'Tue').offer, /have room for 4:/)
  const service = (min: number) => ({ party_size: { min, max: 6 } }) as Service
  assert.equal(fewerPeople(lost, service(1)), 2)
  assert.equal(fewerPeople(lost, service(3)), undefined)
  assert.equal(withRoom({ ...full, alternatives: [] }, { ...few, remaining: 0 }, 4).reason, 'full')
  assert.equal(withRoom({ ...full, reason: 'expired', alternatives: [] }, few, 4).reason, 'expired')
})

test('a complaint of the server’s about an address or a number sounds like the page', () => {
  const problem = new Problem(422, {
    code: 'invalid',
    errors: [
      { field: 'customer.email', message: 'must be an email address, such as ada@example.com' },
      { field: 'customer.phone', message: 'must be a phone number' },
      { field: 'customer.name', message: 'must have at most 200 characters' },
    ],
  })
  const errors = fieldErrorsOf(problem, { name: 'Ada', email: 'x', phone: 'y', note: '' })
  assert.match(errors.email ?? '', /^Please check this email address/)
  assert.match(errors.phone ?? '', /^Please check this phone number/)
  assert.equal(errors.name, 'Must have at most 200 characters.')
})

test('those who hear the form are told how much is missing, and what the server said', () => {
  const customer = { name: '', email: '', phone: '', note: '' }
  const said = (more: Partial<typeof customer>, errors = checkCustomer({ ...customer, ...more })) =>
    describeErrors({ ...customer, ...more }, errors)
  assert.equal(said({}), '2 things are missing: your name, and an email address or a phone number.')
  assert.equal(said({ name: 'Ada' }), '1 thing is missing: an email address or a phone number.')
  assert.equal(said({ phone: '1' }), '1 thing is missing: your name.')
  assert.equal(said({ name: 'Ada', phone: '1' }, { phone: 'Too short.', note: 'Too long.' }), 'Too short. Too long.')
})

test('a cancelled booking says by whom, and offers other times', () => {
  const of = (cancelled_by?: CancelledBy) =>
    statusText({ status: 'cancelled', ...(cancelled_by ? { cancelled_by } : {}) }, 'Fade House')
  assert.match(of('venue').detail, /Fade House cancelled this booking, not you/)
  assert.match(of('customer').label, /You cancelled/)
  assert.doesNotMatch(of().label + of().detail, /you|venue/i, 'nobody is blamed without knowledge')
  for (const by of ['venue', 'customer', 'system', undefined] as const) assert.ok(of(by).offersOtherTimes)
  assert.ok(!statusText({ status: 'confirmed' }).offersOtherTimes)
})

test('other times lead to the calendar at the same service, party and day', () => {
  const booking = { venue: 'barber', service: 'cut', party_size: 2 } as Booking
  assert.equal(calendarPath(booking, '2026-11-24T09:00:00+01:00'), '/barber?service=cut&date=2026-11-24&people=2')
})

const nobody = { name: '', email: '', phone: '', note: '' }

test('a name and a way to be reached are needed', () => {
  assert.deepEqual(Object.keys(checkCustomer({ ...nobody, name: ' ' })), ['name', 'email'])
  assert.deepEqual(checkCustomer({ ...nobody, name: 'Ada', phone: '1' }), {})
})

test('what was typed is sent as it was typed, and what was left empty is not sent', () => {
  const typed = { ...nobody, name: ' Ada\u200b ', email: '\u202aada@example.com' }
  assert.deepEqual(filledFields(typed), { name: ' Ada\u200b ', email: '\u202aada@example.com' })
})

test('the server’s complaints find their fields', () => {
  const problem = new Problem(422, {
    code: 'invalid',
    errors: [
      { field: 'customer.email', message: 'is not an email address' },
      { field: 'body.customer.name', message: 'is required.' },
      { field: 'start', message: 'is odd' },
      { field: 'service.note', message: 'is another thing of the same name' },
    ],
  })
  assert.deepEqual(fieldErrorsOf(problem, nobody), { email: 'Is not an email address.', name: 'Is required.' })
  assert.deepEqual(fieldErrorsOf(new Error('x'), nobody), {})
})

test('a contact with too many bookings is told so at the field that was filled in', () => {
  const limited = new Problem(429, { code: 'contact_limited' })
  assert.match(fieldErrorsOf(limited, { ...nobody, email: 'a@b' }).email ?? '', /as many bookings here as one may have/)
  assert.deepEqual(Object.keys(fieldErrorsOf(limited, { ...nobody, phone: '1' })), ['phone'])
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
