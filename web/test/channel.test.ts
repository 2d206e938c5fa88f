import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { Channel } from '../src/live/channel'
import type { SubscriptionFrame } from '../src/live/protocol'
import { LiveSocket } from '../src/live/socket'
import { FakeSocket } from './fake-socket'

// The channel listens for the reader's return; nobody returns here.
const deaf = { addEventListener: () => {}, removeEventListener: () => {} }
Object.assign(globalThis, { document: { ...deaf, visibilityState: 'visible' }, ...deaf })

function setup() {
  const sockets: FakeSocket[] = []
  const live = new LiveSocket(() => {
    const socket = new FakeSocket()
    sockets.push(socket)
    return socket
  })
  const seen = { frames: [] as SubscriptionFrame[], polls: 0, pollFails: false, channel: 'none', failures: 0 }
  const channel = new Channel(live, {
    topic: () => ({ topic: 'booking', venue: 'v', booking: 'b', token: 't' }),
    onFrame: (frame) => void seen.frames.push(frame),
    onAlive: () => {},
    poll: async () => {
      seen.polls++
      if (seen.pollFails) throw new Error('away')
    },
    onChannel: (channel, failures) => Object.assign(seen, { channel, failures }),
  })
  return { channel, sockets, seen, last: () => sockets.at(-1)! }
}

/** Timers are one per process, so these tests run one after the other. */
function withClock(name: string, body: (pass: (ms: number) => Promise<void>) => Promise<void>): void {
  void test(name, { concurrency: false }, async () => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'] })
    try {
      await body(async (ms) => {
        mock.timers.tick(ms)
        await new Promise((resolve) => setImmediate(resolve))
      })
    } finally {
      mock.timers.reset()
    }
  })
}

withClock('a WebSocket that answers in time needs no polling', async (pass) => {
  const { seen, last, channel } = setup()
  last().open()
  last().say({ type: 'pong' })
  await pass(5_000)
  assert.deepEqual([seen.channel, seen.polls], ['socket', 0])
  channel.close()
})

withClock('polling starts beside a WebSocket that does not answer, and ends when it does', async (pass) => {
  const { seen, last, channel } = setup()
  await pass(1_500)
  assert.deepEqual([seen.channel, seen.polls], ['polling', 1])
  await pass(5_000)
  assert.equal(seen.polls, 2)
  last().open()
  last().say({ type: 'pong' })
  assert.equal(seen.channel, 'socket')
  await pass(9_000)
  assert.equal(seen.polls, 2)
  channel.close()
})

withClock('a lost WebSocket is replaced by polling, which counts its own failures', async (pass) => {
  const { seen, last, channel } = setup()
  last().open()
  last().say({ type: 'pong' })
  seen.pollFails = true
  last().drop()
  assert.deepEqual([seen.channel, seen.failures], ['none', 1])
  await pass(1_500)
  assert.deepEqual([seen.channel, seen.failures], ['none', 2])
  seen.pollFails = false
  await pass(2_000)
  assert.deepEqual([seen.channel, seen.failures], ['polling', 0])
  channel.close()
})

withClock('a refused subscription is asked again, with polling meanwhile', async (pass) => {
  const { seen, last, channel } = setup()
  last().open()
  last().say({ type: 'error', id: '0', code: 'unavailable', detail: 'later' })
  last().say({ type: 'pong' })
  await pass(0)
  assert.deepEqual([seen.channel, seen.polls], ['polling', 1], 'the pong is the connection’s, not the subscription’s')
  await pass(2_000)
  assert.equal(last().subscribed.length, 2)
  last().say({ type: 'fresh', id: '1', as_of: 'x' })
  assert.equal(seen.channel, 'socket')
  assert.equal(seen.frames.length, 1)
  channel.close()
})

withClock('closing ends everything', async (pass) => {
  const { seen, last, channel } = setup()
  await pass(1_500)
  channel.close()
  const { polls } = seen
  await pass(60_000)
  assert.equal(seen.polls, polls)
  assert.equal(last().closed, true)
})
