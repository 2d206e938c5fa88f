import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Facts, freshnessOf } from '../src/live/freshness'
import { CUT_OFF_LIMIT_MS, QUIET_LIMIT_MS } from '../src/live/limits'

const now = 1_000_000
const fine: Facts = { hasData: true, goodAt: now, staleSince: undefined, transport: 'socket', failures: 0 }

test('with data and a transport it is live', () => {
  assert.deepEqual(freshnessOf(fine, now), { kind: 'live' })
  assert.deepEqual(freshnessOf({ ...fine, transport: 'polling' }, now), { kind: 'polling' })
})

test('without data it loads, until it has failed twice', () => {
  const empty: Facts = { ...fine, hasData: false, transport: 'none' }
  assert.deepEqual(freshnessOf(empty, now), { kind: 'loading' })
  assert.deepEqual(freshnessOf({ ...empty, failures: 1 }, now), { kind: 'loading' })
  assert.deepEqual(freshnessOf({ ...empty, failures: 2 }, now), { kind: 'unavailable' })
})

test('what the server calls stale is delayed since the moment it names', () => {
  assert.deepEqual(freshnessOf({ ...fine, staleSince: now - 41_000 }, now), { kind: 'delayed', asOf: now - 41_000 })
})

test('silence on a transport counts later than having none', () => {
  const silent = { ...fine, goodAt: now - CUT_OFF_LIMIT_MS - 1 }
  assert.equal(freshnessOf(silent, now).kind, 'live')
  assert.deepEqual(freshnessOf({ ...silent, transport: 'none' }, now), { kind: 'delayed', asOf: silent.goodAt })
  const longSilent = { ...fine, goodAt: now - QUIET_LIMIT_MS - 1 }
  assert.deepEqual(freshnessOf(longSilent, now), { kind: 'delayed', asOf: longSilent.goodAt })
})
