import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { frameOf } from '../src/live/event-stream'
import { LiveSubscription } from '../src/live/live-subscription'
import type { SubscriptionFrame, Topic } from '../src/live/protocol'
import { LiveSocket } from '../src/live/socket'
import { FakeSocket } from './fake-socket'

// A subscription listens for the reader's return; nobody returns here.
const deaf = { addEventListener: () => {}, removeEventListener: () => {} }
Object.assign(globalThis, { document: { ...deaf, visibilityState: 'visible' }, ...deaf })

/** The server's end of an event stream. */
class FakeStream {
  readonly url: URL
  readonly signal: AbortSignal
  #answer!: (response: Response) => void
  #refuse!: (error: unknown) => void
  #writer: ReadableStreamDefaultController<Uint8Array> | undefined
  readonly response: Promise<Response>

  constructor(url: string, init: RequestInit) {
    this.url = new URL(url, 'http://vacancy')
    this.signal = init.signal!
    this.response = new Promise((resolve, reject) => {
      this.#answer = resolve
      this.#refuse = reject
    })
    this.signal.addEventListener('abort', () => this.fail())
  }

  begin(status = 200, type = 'text/event-stream'): void {
    const body = new ReadableStream<Uint8Array>({ start: (writer) => void (this.#writer = writer) })
    this.#answer(new Response(body, { status, headers: { 'content-type': type } }))
  }

  say(text: string): void {
    this.#writer?.enqueue(new TextEncoder().encode(text))
  }

  fail(): void {
    this.#refuse(new TypeError('network'))
    try {
      this.#writer?.error(new TypeError('network'))
    } catch {
      // Over already.
    }
  }
}

const availability = {
  topic: 'availability',
  venue: 'v',
  service: 's',
  from: '2026-11-24',
  to: '2026-11-30',
  party_size: 2,
} as const
const booking = { topic: 'booking', venue: 'v', booking: 'b', token: 't' } as const

function setup(topic: Topic = booking, refusedBefore = false) {
  const sockets: FakeSocket[] = []
  const streams: FakeStream[] = []
  const live = new LiveSocket(() => {
    const socket = new FakeSocket()
    sockets.push(socket)
    return socket
  })
  const seen = { frames: [] as SubscriptionFrame[], polls: 0, pollFails: false, transport: 'none', failures: 0 }
  const visit = { refused: refusedBefore }
  const memory = {
    socketRefused: () => visit.refused,
    socketWorks: () => void (visit.refused = false),
    streamWorksInstead: () => void (visit.refused = true),
  }
  const user = {
    topic: () => topic,
    onFrame: (frame: SubscriptionFrame) => void seen.frames.push(frame),
    onAlive: () => {},
    poll: async () => {
      seen.polls++
      if (seen.pollFails) throw new Error('away')
    },
    onTransport: (transport: string, failures: number) => Object.assign(seen, { transport, failures }),
  }
  const subscription = new LiveSubscription(live, user, memory, (url, init) => {
    const stream = new FakeStream(url, init)
    streams.push(stream)
    return stream.response
  })
  return { subscription, sockets, streams, seen, visit, last: () => sockets.at(-1)!, stream: () => streams.at(-1)! }
}

/** Timers are one per process, so these tests run one after the other. */
function withClock(name: string, body: (pass: (ms: number) => Promise<void>) => Promise<void>): void {
  void test(name, { concurrency: false }, async () => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'] })
    try {
      await body(async (ms) => {
        mock.timers.tick(ms)
        for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve))
      })
    } finally {
      mock.timers.reset()
    }
  })
}

withClock('a WebSocket that answers in time needs no polling', async (pass) => {
  const { seen, last, subscription } = setup()
  last().open()
  last().say({ type: 'pong' })
  await pass(5_000)
  assert.deepEqual([seen.transport, seen.polls], ['socket', 0])
  subscription.close()
})

withClock('polling starts beside a WebSocket that does not answer, and ends when it does', async (pass) => {
  const { seen, last, subscription } = setup()
  await pass(1_500)
  assert.deepEqual([seen.transport, seen.polls], ['polling', 1])
  await pass(5_000)
  assert.equal(seen.polls, 2)
  last().open()
  last().say({ type: 'pong' })
  assert.equal(seen.transport, 'socket')
  await pass(9_000)
  assert.equal(seen.polls, 2)
  subscription.close()
})

withClock('a lost WebSocket is replaced by polling, which counts its own failures', async (pass) => {
  const { seen, last, subscription } = setup()
  last().open()
  last().say({ type: 'pong' })
  seen.pollFails = true
  last().drop()
  assert.deepEqual([seen.transport, seen.failures], ['none', 1])
  await pass(1_500)
  assert.deepEqual([seen.transport, seen.failures], ['none', 2])
  seen.pollFails = false
  await pass(2_000)
  assert.deepEqual([seen.transport, seen.failures], ['polling', 0])
  subscription.close()
})

withClock('a refused subscription is asked again, with polling meanwhile', async (pass) => {
  const { seen, last, subscription } = setup()
  last().open()
  last().say({ type: 'error', id: '0', code: 'unavailable', detail: 'later' })
  last().say({ type: 'pong' })
  await pass(0)
  assert.deepEqual([seen.transport, seen.polls], ['polling', 1], 'the pong is the connection’s, not the subscription’s')
  await pass(2_000)
  assert.equal(last().subscribed.length, 2)
  last().say({ type: 'fresh', id: '1', as_of: 'x' })
  assert.equal(seen.transport, 'socket')
  assert.equal(seen.frames.length, 1)
  subscription.close()
})

withClock('closing ends everything', async (pass) => {
  const { seen, last, subscription } = setup()
  await pass(1_500)
  subscription.close()
  const { polls } = seen
  await pass(60_000)
  assert.equal(seen.polls, polls)
  assert.equal(last().closed, true)
})

const delta = 'event: delta\nid: p2\ndata: {"position":"p2","slots":[],"days":[]}\n\n'

withClock('a refused WebSocket is replaced by an event stream at once, without polling', async (pass) => {
  const { seen, visit, sockets, streams, last, stream, subscription } = setup(availability)
  last().drop()
  await pass(0)
  assert.equal(streams.length, 1)
  assert.equal(stream().url.pathname, '/v1/live')
  assert.deepEqual(Object.fromEntries(stream().url.searchParams), {
    venue: 'v',
    service: 's',
    from: '2026-11-24',
    to: '2026-11-30',
    party_size: '2',
  })
  stream().begin()
  stream().say(': ok\nretry: 1870\n\n')
  stream().say(delta.slice(0, 20))
  stream().say(delta.slice(20))
  await pass(0)
  assert.deepEqual([seen.transport, seen.polls, seen.frames.length], ['stream', 0, 1])
  assert.equal(visit.refused, true, 'the visit knows it from now on')
  for (let i = 0; i < 8; i++) {
    await pass(15_000)
    stream().say(': ping\n\n')
    await pass(0)
  }
  assert.deepEqual([seen.polls, streams.length, sockets.length], [0, 1, 1], 'nothing else is tried for a while')
  subscription.close()
  assert.equal(stream().signal.aborted, true)
})

withClock('after a while the WebSocket is tried again, and takes over', async (pass) => {
  const { seen, visit, sockets, stream, last, subscription } = setup(availability, true)
  await pass(0)
  assert.equal(sockets.length, 0, 'a visit that knows better begins with the stream')
  stream().begin()
  stream().say(': ok\n\n')
  await pass(0)
  for (let i = 0; i < 20; i++) {
    await pass(15_000)
    stream().say(': ping\n\n')
    await pass(0)
  }
  assert.ok(sockets.length >= 1)
  last().open()
  last().say({ type: 'pong' })
  await pass(0)
  assert.deepEqual([seen.transport, visit.refused, stream().signal.aborted], ['socket', false, true])
  subscription.close()
})

withClock('a stream that cannot be had leaves polling, and is tried again with the WebSocket', async (pass) => {
  const { seen, sockets, streams, last, stream, subscription } = setup(availability)
  last().drop()
  await pass(0)
  stream().begin(503, 'application/problem+json')
  await pass(0)
  assert.deepEqual([seen.transport, seen.polls], ['polling', 1])
  await pass(20_000)
  assert.ok(streams.length > 1 && sockets.length > 1)
  stream().begin()
  stream().say(delta)
  await pass(0)
  const { polls } = seen
  await pass(10_000)
  assert.deepEqual([seen.transport, seen.polls], ['stream', polls])
  subscription.close()
})

withClock('an answer that is no event stream is none, even with 200', async (pass) => {
  const { seen, last, stream, subscription } = setup(availability)
  last().drop()
  await pass(0)
  stream().begin(200, 'text/html')
  await pass(0)
  assert.equal(seen.transport, 'polling')
  subscription.close()
})

withClock('a stream that is buffered on the way is helped out by polling', async (pass) => {
  const { seen, last, stream, subscription } = setup(availability)
  last().drop()
  await pass(0)
  stream().begin()
  await pass(1_500)
  assert.deepEqual([seen.transport, seen.polls], ['polling', 1])
  subscription.close()
})

withClock('a silent stream is given up, and a goodbye is followed by a return', async (pass) => {
  const { seen, last, streams, stream, subscription } = setup(availability)
  last().drop()
  await pass(0)
  stream().begin()
  stream().say(': ok\n\n')
  await pass(0)
  await pass(45_000)
  assert.notEqual(seen.transport, 'stream')
  assert.equal(stream().signal.aborted, true)
  await pass(20_000)
  const count = streams.length
  stream().begin()
  stream().say('event: goodbye\ndata: {"reconnect_after_ms":3000}\n\n')
  await pass(0)
  await pass(2_900)
  assert.equal(streams.length, count)
  await pass(1_700)
  assert.equal(streams.length, count + 1)
  subscription.close()
})

withClock('a booking has no stream: it is polled', async (pass) => {
  const { seen, last, streams, subscription } = setup(booking)
  last().drop()
  await pass(1_500)
  assert.deepEqual([streams.length, seen.transport], [0, 'polling'])
  subscription.close()
})

test('an event of the stream is the frame that a WebSocket would bring', () => {
  assert.deepEqual(frameOf(delta.trim()), { type: 'delta', id: '', position: 'p2', slots: [], days: [] })
  for (const none of [
    ': ping',
    'retry: 5',
    'event: delta',
    'data: {}',
    'event: unheard\ndata: {"a":1}',
    'event: delta\ndata: {',
    '',
  ])
    assert.equal(frameOf(none), undefined, none)
})
