import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { backoffDelay } from '../src/live/backoff'
import type { SubscriptionFrame, Topic } from '../src/live/protocol'
import { LiveSocket } from '../src/live/socket'
import { FakeSocket } from './fake-socket'

function setup(): { sockets: FakeSocket[]; live: LiveSocket; last: () => FakeSocket } {
  const sockets: FakeSocket[] = []
  const live = new LiveSocket(
    () => {
      const socket = new FakeSocket()
      sockets.push(socket)
      return socket
    },
    () => 1,
  )
  return { sockets, live, last: () => sockets.at(-1)! }
}

function subscriber(position?: () => string | undefined) {
  const frames: SubscriptionFrame[] = []
  let alive = 0
  return {
    frames,
    get alive() {
      return alive
    },
    topic: (): Topic => {
      const at = position?.()
      return {
        topic: 'availability',
        venue: 'v',
        service: 's',
        from: 'f',
        to: 't',
        party_size: 1,
        ...(at ? { position: at } : {}),
      }
    },
    onFrame: (frame: SubscriptionFrame) => void frames.push(frame),
    onAlive: () => void alive++,
  }
}

/** Timers are one per process, so these tests run one after the other. */
function withClock(name: string, body: () => void): void {
  void test(name, { concurrency: false }, () => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'] })
    try {
      body()
    } finally {
      mock.timers.reset()
    }
  })
}

withClock('connects for the first subscriber and gives each its own frames', () => {
  const { live, sockets, last } = setup()
  const [a, b] = [subscriber(), subscriber()]
  live.subscribe(a)
  live.subscribe(b)
  last().open()
  assert.equal(sockets.length, 1)
  assert.deepEqual(
    last().subscribed.map((message) => message['id']),
    ['0', '1'],
  )
  last().say({ type: 'stale', id: '1', as_of: 'x' })
  assert.deepEqual([a.frames.length, b.frames.length], [0, 1])
})

withClock('asks again with the latest position after a reconnect', () => {
  const { live, last } = setup()
  let position: string | undefined
  live.subscribe(subscriber(() => position))
  last().open()
  assert.equal(last().subscribed[0]?.['position'], undefined)
  position = 'p7'
  last().drop()
  mock.timers.tick(500)
  last().open()
  assert.equal(last().subscribed[0]?.['position'], 'p7')
})

withClock('waits longer after every failure, and starts over once something was heard', () => {
  const { live, sockets, last } = setup()
  live.subscribe(subscriber())
  last().drop()
  assert.equal(live.state.failures, 1)
  mock.timers.tick(499)
  assert.equal(sockets.length, 1)
  mock.timers.tick(1)
  assert.equal(sockets.length, 2)
  last().drop()
  mock.timers.tick(999)
  assert.equal(sockets.length, 2)
  mock.timers.tick(1)
  assert.equal(sockets.length, 3)
  last().open()
  assert.equal(live.state.failures, 2, 'an open connection has proven nothing yet')
  last().say({ type: 'pong' })
  assert.equal(live.state.failures, 0)
})

withClock('pings every 15 seconds, and gives up when one is left unanswered for 10', () => {
  const { live, sockets, last } = setup()
  const reader = subscriber()
  live.subscribe(reader)
  last().open()
  last().say({ type: 'pong' })
  assert.equal(reader.alive, 1)
  const before = last().sent.length
  mock.timers.tick(15_000)
  assert.deepEqual(last().sent.slice(before), [{ type: 'ping' }])
  last().say({ type: 'pong' })
  mock.timers.tick(15_000)
  const silent = last()
  mock.timers.tick(9_999)
  assert.equal(silent.closed, false)
  mock.timers.tick(1)
  assert.equal(silent.closed, true, 'silence closes the connection')
  mock.timers.tick(500)
  assert.equal(sockets.length, 2)
})

withClock('gives up on a connection that never opens', () => {
  const { live, sockets, last } = setup()
  live.subscribe(subscriber())
  mock.timers.tick(10_000)
  assert.equal(last().closed, true)
  mock.timers.tick(500)
  assert.equal(sockets.length, 2)
})

withClock('a goodbye is followed by a reconnect in the time it names, and is no failure', () => {
  const { live, sockets, last } = setup()
  live.subscribe(subscriber())
  last().open()
  last().say({ type: 'goodbye', reconnect_after_ms: 2_000 })
  assert.equal(live.state.failures, 0)
  mock.timers.tick(2_999)
  assert.equal(sockets.length, 1)
  mock.timers.tick(1)
  assert.equal(sockets.length, 2)
})

withClock('the network coming back cuts the wait short', () => {
  const { live, sockets, last } = setup()
  live.subscribe(subscriber())
  last().drop()
  live.nudge()
  assert.equal(sockets.length, 2)
  mock.timers.tick(5_000)
  assert.equal(sockets.length, 2, 'the wait that was cut short does not connect a second time')
})

withClock('unsubscribes, lingers for the next page, then closes', () => {
  const { live, sockets, last } = setup()
  const stop = live.subscribe(subscriber())
  last().open()
  last().say({ type: 'pong' })
  stop()
  stop()
  assert.deepEqual(last().sent.at(-1), { type: 'unsubscribe', id: '0' })
  mock.timers.tick(4_000)
  live.subscribe(subscriber())
  mock.timers.tick(10_000)
  assert.equal(sockets.length, 1, 'another subscriber within the time keeps the connection')
})

withClock('closes when nobody came, and does not reconnect', () => {
  const { live, sockets, last } = setup()
  const stop = live.subscribe(subscriber())
  last().open()
  stop()
  mock.timers.tick(60_000)
  assert.equal(last().closed, true)
  assert.equal(sockets.length, 1)
})

withClock('frames of a connection that was given up are not heard', () => {
  const { live, last } = setup()
  const reader = subscriber()
  live.subscribe(reader)
  const first = last()
  const hear = first.onmessage
  first.open()
  const late = first.onmessage ?? hear
  first.drop()
  late?.({ data: JSON.stringify({ type: 'stale', id: '0', as_of: 'x' }) } as MessageEvent)
  assert.deepEqual(reader.frames, [])
})

withClock('nonsense from the wire is ignored', () => {
  const { live, last } = setup()
  const reader = subscriber()
  live.subscribe(reader)
  last().open()
  last().onmessage?.({ data: 'not json' } as MessageEvent)
  last().onmessage?.({ data: 'null' } as MessageEvent)
  last().say({ type: 'from-the-future', id: '0' })
  assert.deepEqual(reader.frames, [])
  assert.equal(last().closed, false)
})

test('backoff doubles up to its limit, within its jitter', () => {
  const steps = [1, 2, 3, 4, 5, 6, 7, 100].map((failures) => [backoffDelay(failures, () => 0), backoffDelay(failures, () => 1)])
  assert.deepEqual(steps, [
    [250, 500],
    [500, 1000],
    [1000, 2000],
    [2000, 4000],
    [4000, 8000],
    [7500, 15000],
    [7500, 15000],
    [7500, 15000],
  ])
})
