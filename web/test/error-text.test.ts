import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { load } from 'js-yaml'
import { isOutcomeUnknown, isTransient, parseRetryAfter, Problem, Unreachable } from '../src/api/problem'
import { codesWithText, errorText } from '../src/booking/error-text'
import { lostSlotCodes } from '../src/booking/lost-slot'

const spec = load(readFileSync('../api/openapi.yaml', 'utf8')) as {
  paths: Record<string, { post?: { responses: Record<string, { description: string }> } }>
}

/** The codes that the API documents for what a customer's page sends. */
function documentedCodes(): Set<string> {
  const codes = new Set<string>()
  for (const [path, { post }] of Object.entries(spec.paths)) {
    if (!/\/bookings(\/\{booking\}\/(confirm|extend|cancel))?$/.test(path)) continue
    for (const { description } of Object.values(post?.responses ?? {}))
      for (const [, code] of description.matchAll(/`([a-z_]+)`:/g)) if (code) codes.add(code)
  }
  return codes
}

/** Told by their status alone: the server's fault, and to be tried again. */
const byStatus = new Set(['internal', 'busy', 'unavailable', 'timeout', 'needs_newer'])

test('every code that the API documents for bookings has words for customers', () => {
  const documented = documentedCodes()
  assert.ok(documented.has('slot_unavailable') && documented.has('outcome_unknown'), 'the document is read right')
  const silent = [...documented].filter((code) => !codesWithText.has(code) && !lostSlotCodes.has(code) && !byStatus.has(code))
  assert.deepEqual(silent, [])
})

test('no error is told in the API’s words, by its code, or as nothing', () => {
  for (const code of [...documentedCodes(), ...codesWithText]) {
    const status = byStatus.has(code) || code === 'outcome_unknown' ? 503 : 409
    for (const action of ['hold', 'book', 'confirm', 'extend', 'cancel'] as const) {
      const { text } = errorText(new Problem(status, { code, detail: 'DETAIL' }), action)
      if (lostSlotCodes.has(code)) continue
      assert.ok(text.length > 10 && !text.includes('DETAIL') && !text.includes('_'), `${code}, ${action}: ${text}`)
    }
  }
})

test('an unknown code of a newer server is told in the server’s words', () => {
  assert.equal(errorText(new Problem(409, { code: 'new_rule', detail: 'Not on Sundays.' }), 'hold').text, 'Not on Sundays.')
})

test('too many requests: how long to wait, and that it is not the customer’s fault', () => {
  const { text } = errorText(new Problem(429, { code: 'too_many' }, 40), 'confirm')
  assert.match(text, /your network/)
  assert.match(text, /in 40 seconds/)
  assert.match(errorText(new Problem(429, { code: 'too_many' }, 300), 'hold').text, /in 5 minutes/)
  assert.match(errorText(new Problem(429, { code: 'too_many' }), 'hold').text, /try again shortly/)
})

test('a lost answer and an unknown outcome say that pressing again is safe', () => {
  for (const error of [new Unreachable(''), new Problem(503, { code: 'outcome_unknown' })]) {
    assert.match(errorText(error, 'confirm').text, /cannot be booked twice/)
    assert.ok(isOutcomeUnknown(error))
    assert.ok(isTransient(error))
  }
})

test('a quota is no hiccup: waiting does not help, and the outcome is known', () => {
  for (const code of ['holds_limited', 'bookings_limited', 'contact_limited']) assert.ok(!isTransient(new Problem(429, { code })))
  assert.ok(isTransient(new Problem(429, { code: 'too_many' })))
  assert.ok(!isOutcomeUnknown(new Problem(429, { code: 'too_many' })))
  assert.ok(!isTransient(new Error('x')))
})

test('Retry-After is seconds or a date', () => {
  const now = Date.parse('2026-11-24T09:00:00Z')
  assert.equal(parseRetryAfter('7', now), 7)
  assert.equal(parseRetryAfter('Tue, 24 Nov 2026 09:01:30 GMT', now), 90)
  assert.equal(parseRetryAfter('Tue, 24 Nov 2026 08:00:00 GMT', now), 0)
  for (const header of [null, '', 'soon']) assert.equal(parseRetryAfter(header, now), undefined)
})
