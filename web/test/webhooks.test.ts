import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mock, test } from 'node:test'
import { Webhook, WebhookVerificationError } from 'standardwebhooks'

// What the server sends for an event, while two secrets are valid; the Go test beside it compares it with what is sent.
const sent = JSON.parse(readFileSync('../internal/bus/webhook/testdata/signed.json', 'utf8')) as {
  secrets: string[]
  verified_at: string
  headers: Record<string, string>
  body: string
}

/** Runs f when the event was sent: receivers refuse what is older than five minutes. */
function then(f: () => void): void {
  mock.timers.enable({ apis: ['Date'], now: new Date(sent.verified_at) })
  try {
    f()
  } finally {
    mock.timers.reset()
  }
}

test('a receiver verifies what the server sends, with either of two secrets', () => {
  assert.equal(sent.secrets.length, 2)
  then(() => {
    for (const secret of sent.secrets) {
      const event = new Webhook(secret).verify(sent.body, sent.headers) as { specversion: string; type: string }
      assert.equal(event.specversion, '1.0')
      assert.equal(event.type, 'vacancy.booking.confirmed.v1')
    }
  })
})

test('a receiver refuses what was changed, signed by somebody else, or sent before', () => {
  const webhook = new Webhook(sent.secrets[0] ?? '')
  const refuses = (body: string, headers: Record<string, string>, by = webhook) =>
    assert.throws(() => by.verify(body, headers), WebhookVerificationError)
  then(() => {
    refuses(sent.body.replace('bk_41', 'bk_42'), sent.headers)
    refuses(sent.body, { ...sent.headers, 'webhook-id': 'another' })
    refuses(sent.body, { ...sent.headers, 'webhook-signature': 'v1,AAAA' })
    refuses(sent.body, sent.headers, new Webhook('whsec_' + btoa('a secret of somebody else, as long')))
  })
  refuses(sent.body, sent.headers) // by today's clock
})
