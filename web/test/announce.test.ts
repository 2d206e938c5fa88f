import assert from 'node:assert/strict'
import { afterEach, beforeEach, mock, test } from 'node:test'
import { LiveRegion } from '../src/ui/announce.svelte'

let now: number
const real = performance.now.bind(performance)
let region: LiveRegion
beforeEach(() => {
  now = 0
  performance.now = () => now
  mock.timers.enable({ apis: ['setTimeout'] })
  region = new LiveRegion(5_000)
})
afterEach(() => {
  mock.timers.reset()
  performance.now = real
})

function passes(ms: number): void {
  for (let i = 0; i < ms; i += 50) {
    now += 50
    mock.timers.tick(50)
  }
}

test('messages keep their distance, and of those that wait the last is said', () => {
  region.say('one')
  passes(200)
  assert.equal(region.message, 'one')
  region.say('two')
  region.say('three')
  passes(4_000)
  assert.equal(region.message, 'one')
  passes(1_500)
  assert.equal(region.message, 'three')
})

test('news do not take the place of what the visitor did, and are said after it', () => {
  region.say('Your hold was given back.')
  region.say('1 time changed.', 'news')
  passes(200)
  assert.equal(region.message, 'Your hold was given back.')
  passes(5_200)
  assert.equal(region.message, '1 time changed.')
})

test('what is asked for its words when its turn comes may have nothing to say', () => {
  region.say(() => '', 'news')
  passes(200)
  region.say('one')
  passes(200)
  assert.equal(region.message, 'one', 'silence takes no turn')
})

test('a message does not stay for those who come upon it later', () => {
  region.say('one')
  passes(9_000)
  assert.equal(region.message, 'one')
  passes(2_000)
  assert.equal(region.message, '')
})
