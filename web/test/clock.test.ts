import assert from 'node:assert/strict'
import { beforeEach, mock, test } from 'node:test'
import { ServerClock } from '../src/api/clock'

const START = Date.parse('2026-11-24T09:00:00Z')
const HOUR = 3_600_000

let clock: ServerClock
beforeEach(() => {
  mock.timers.reset()
  mock.timers.enable({ apis: ['Date'], now: START })
  clock = new ServerClock()
})

const header = (at: number) => new Date(at).toUTCString()
const within = (difference: number, expected: number, tolerance = 1_100) =>
  assert.ok(Math.abs(difference - expected) <= tolerance, `${difference} is not about ${expected}`)

test('a header’s rounding is no offset', () => {
  clock.learn(header(START), START, START)
  assert.equal(clock.now(), START)
})

for (const hours of [-30, -2, 2, 30]) {
  test(`the server’s time is known when the visitor’s clock is ${hours} h wrong`, () => {
    clock.learn(header(START - hours * HOUR), START, START)
    within(clock.now() - START, -hours * HOUR)
  })
}

test('a slow answer does not unsettle a good measurement', () => {
  clock.learn(header(START + 60_000), START, START)
  clock.learn(header(START + 62_000), START, START + 10_000)
  within(clock.now() - START, 60_000)
})

test('a clock that is set during the visit is noticed by the next answer', () => {
  clock.learn(header(START), START, START)
  mock.timers.setTime(START - HOUR)
  clock.learn(header(START), START - HOUR, START - HOUR + 200)
  within(clock.now(), START)
})

test('nothing is learned from what is no time', () => {
  clock.learn(null, START, START)
  clock.learn('soon', START, START)
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
