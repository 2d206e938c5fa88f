import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isMissing, parsePageData } from '../src/api/page-data'
import type { Availability, Service } from '../src/api/types'
import { cachedWindow, cacheFirstWindow } from '../src/live/window-cache'

const venue = { id: 'tennis', name: 'Tennis', time_zone: 'Europe/Berlin', contact: {}, revision: 1 }
const availability = {
  venue: 'tennis',
  service: 'hour',
  position: 'p1',
  as_of: '2026-11-24T09:00:00Z',
  stale: false,
  time_zone: 'Europe/Berlin',
  days: [
    { date: '2026-11-24', status: 'closed', slots: [] },
    { date: '2026-11-30', status: 'closed', slots: [] },
  ],
} satisfies Availability
const now = '2026-11-24T09:00:00Z'
const whole = { now, venue, services: { services: [] }, resources: { resources: [] }, availability }

test('the data of a page is taken whole', () => {
  assert.deepEqual(parsePageData(JSON.stringify(whole), 'tennis'), { now, venue, services: [], resources: [], availability })
  assert.equal(parsePageData(JSON.stringify({ ...whole, availability: null }), 'tennis')?.availability, null)
})

test('data that is absent, broken or of another venue is no data', () => {
  const others = [
    '',
    '{',
    'null',
    '[]',
    '"text"',
    JSON.stringify({ ...whole, venue: undefined }),
    JSON.stringify({ ...whole, services: null }),
    JSON.stringify({ ...whole, resources: undefined }),
    JSON.stringify({ ...whole, services: {} }),
    JSON.stringify({ ...whole, resources: { resources: 'none' } }),
  ]
  for (const text of others) assert.equal(parsePageData(text, 'tennis'), undefined, text)
  assert.equal(parsePageData(JSON.stringify(whole), 'barber'), undefined)
})

test('a page of nothing is told from one that has no data, and from a venue', () => {
  assert.equal(isMissing('{"missing":true}'), true)
  for (const text of ['', '{', 'null', '[]', '"missing"', '{"missing":"no"}', JSON.stringify(whole)])
    assert.equal(isMissing(text), false, text)
})

test('a week that is not whole costs the week alone', () => {
  for (const odd of [{ days: [] }, { position: 'p' }, 'week', { ...availability, days: null }])
    assert.equal(parsePageData(JSON.stringify({ ...whole, availability: odd }), 'tennis')?.availability, null)
})

test('the first week answers for its own query and no other', () => {
  const service = { id: 'hour', party_size: { min: 2, max: 4 } } as Service
  cacheFirstWindow(availability, [service])
  const query = { venue: 'tennis', service: 'hour', from: '2026-11-24', to: '2026-11-30', party_size: 2 }
  assert.deepEqual(cachedWindow(query)?.state, { position: 'p1', days: availability.days })
  assert.equal(cachedWindow(query)?.goodAt, Date.parse(availability.as_of))
  for (const other of [{ party_size: 3 }, { resource: 'court' }, { service: 'day' }, { from: '2026-11-25' }])
    assert.equal(cachedWindow({ ...query, ...other }), undefined)
})
