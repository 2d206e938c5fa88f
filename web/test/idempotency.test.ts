import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AttemptKey, newIdempotencyKey } from '../src/api/idempotency'

test('a key has 128 random bits and needs no randomUUID', () => {
  const { crypto } = globalThis
  const plainHTTP = { getRandomValues: crypto.getRandomValues.bind(crypto) }
  Object.defineProperty(globalThis, 'crypto', { value: plainHTTP, configurable: true })
  try {
    const keys = new Set(Array.from({ length: 1000 }, newIdempotencyKey))
    assert.equal(keys.size, 1000)
    for (const key of keys) assert.match(key, /^[0-9a-f]{32}$/)
  } finally {
    Object.defineProperty(globalThis, 'crypto', { value: crypto, configurable: true })
  }
})

test('while the outcome is unknown, the same body has the same key; afterwards, and for another body, a new one', () => {
  const key = new AttemptKey()
  const first = key.forBody({ name: 'Ada' })
  assert.equal(key.forBody({ name: 'Ada' }), first)
  const other = key.forBody({ name: 'Grace' })
  assert.notEqual(other, first)
  assert.equal(key.forBody({ name: 'Grace' }), other)
  key.settle()
  assert.notEqual(key.forBody({ name: 'Grace' }), other)
})
