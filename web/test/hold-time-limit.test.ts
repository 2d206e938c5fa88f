import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ANNOUNCE_TIME_LEFT_AT_S, dueAnnouncement, formatDuration, timeLimitText } from '../src/booking/hold-time-limit'
import { LiveRegion } from '../src/ui/announce.svelte'

test('each moment is announced once, whatever seconds a sleeping tab skips', () => {
  const said: number[] = []
  for (let left = 600; left > -5; left--) if (dueAnnouncement(left + 1, left)) said.push(left)
  assert.deepEqual(said, ANNOUNCE_TIME_LEFT_AT_S)
  assert.match(dueAnnouncement(130, 55) ?? '', /^55 seconds left/)
  assert.equal(dueAnnouncement(55, 50), undefined)
  assert.equal(dueAnnouncement(40, -3), undefined, 'what has run out has words of its own')
  assert.equal(dueAnnouncement(20, 600), undefined, 'more time is no warning')
})

test('who is warned in time is told that more time can be had', () => {
  assert.match(dueAnnouncement(121, 120) ?? '', /^2 minutes left to finish this booking. You can ask for more time.$/)
})

test('durations as they are heard', () => {
  assert.equal(formatDuration(600), '10 minutes')
  assert.equal(formatDuration(599), '10 minutes')
  assert.equal(formatDuration(95), '1 minute 35 seconds')
  assert.equal(formatDuration(60), '1 minute')
  assert.equal(formatDuration(1), '1 second')
  assert.equal(formatDuration(0), '0 seconds')
})

test('the limit is told as a time of day, which stays true', () => {
  const text = timeLimitText('2026-11-24T14:32:10+01:00', 'Europe/Berlin')
  assert.match(text, /held for you until 14:32, Berlin time \(GMT\+1\)\./)
  assert.doesNotMatch(text, /minute/)
})

test('a live region says the last of several messages, and the same one again', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  const region = new LiveRegion(5_000)
  region.say('one')
  region.say('two')
  assert.equal(region.message, '', 'not before a region that just became visible is listened to')
  t.mock.timers.tick(200)
  assert.equal(region.message, 'two')
  region.say('two')
  t.mock.timers.tick(4_000)
  assert.equal(region.message, 'two', 'not too often')
  t.mock.timers.tick(1_000)
  assert.equal(region.message, 'two\u00a0')
  region.say('three')
  region.clear()
  t.mock.timers.tick(10_000)
  assert.equal(region.message, '')
})
