import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { ServerClock } from '../src/api/clock'

const START = Date.parse('2026-11-24T09:00:00Z')
const HOUR = 3_600_000

/** The machine: its timer, and the clock beside it. */
let steady: number
let wall: number
let clock: ServerClock
beforeEach(() => {
  steady = 1_000
  wall = START
  clock = new ServerClock({ wall: () => wall, steady: () => steady })
})

function passes(ms: number): void {
  steady += ms
  wall += ms
}

const header = (at: number) => new Date(at).toUTCString()
const within = (difference: number, expected: number, tolerance = 1_100) =>
  assert.ok(Math.abs(difference - expected) <= tolerance, `${difference} is not about ${expected}`)

test('a header’s rounding is no offset', () => {
  clock.learn(header(START), steady, steady)
  assert.equal(clock.now(), START)
})

for (const hours of [-30, -2, 2, 30]) {
  test(`the server’s time is known when the visitor’s clock is ${hours} h wrong`, () => {
    clock.learn(header(START - hours * HOUR), steady, steady)
    within(clock.now() - START, -hours * HOUR)
  })

  test(`a clock that is set by ${hours} h during the visit changes nothing, and is a reason to ask the server`, () => {
    clock.learn(header(START), steady, steady)
    const before = clock.now()
    assert.equal(clock.check(), false)
    wall += hours * HOUR
    passes(1_000)
    assert.equal(clock.now() - before, 1_000)
    assert.equal(clock.check(), true)
    assert.equal(clock.isDoubtful, true)
    assert.equal(clock.check(), false, 'it is noticed once')
    passes(1_000)
    clock.learn(header(START + 2_000), steady - 100, steady)
    assert.equal(clock.isDoubtful, false)
    within(clock.now() - before, 2_000)
    within(clock.latest() - before, 2_000)
  })
}

test('a slow answer does not unsettle a good measurement', () => {
  clock.learn(header(START + 60_000), steady, steady)
  passes(10_000)
  clock.learn(header(START + 62_000), steady - 10_000, steady)
  within(clock.now() - START, 70_000)
})

test('after a sleep in which the timer stood still, the next answer tells the time, however slow it is', () => {
  clock.learn(header(START), steady, steady + 10)
  wall += HOUR // The machine sleeps.
  assert.equal(clock.check(), true)
  passes(500)
  clock.learn(header(START + HOUR), steady - 400, steady)
  within(clock.now(), START + HOUR)
})

test('after a sleep without an answer, what is shown counts as that much older', () => {
  wall += HOUR
  clock.check()
  within(clock.latest(), START) // The server may answer in a moment.
  passes(3_000)
  within(clock.latest(), START + HOUR + 3_000)
  within(clock.now(), START + 3_000)
})

test('an answer to a question from before the doubt does not settle it', () => {
  const sent = steady
  passes(100)
  wall += HOUR
  clock.check()
  clock.learn(header(START), sent, steady)
  assert.equal(clock.isDoubtful, true)
})

test('a clock that drifts, or is set by a moment, is no reason to ask', () => {
  for (let i = 0; i < 10; i++) {
    passes(1_000)
    assert.equal(clock.check(), false)
  }
  wall += 1_500
  assert.equal(clock.check(), false)
})

test('nothing is learned from what is no time', () => {
  clock.learn(null, steady, steady)
  clock.learn('soon', steady, steady)
  clock.learnReached('')
  assert.equal(clock.now(), START)
})

test('the time moves forward to what the server has reached, and never back', () => {
  clock.learnReached(new Date(START + HOUR).toISOString())
  assert.equal(clock.now(), START + HOUR)
  clock.learnReached(new Date(START - HOUR).toISOString())
  clock.learnReached(new Date(START + HOUR + 1_000).toISOString())
  assert.equal(clock.now(), START + HOUR)
})
