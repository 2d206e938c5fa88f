import type { ProblemBody } from './types'

/** An answer of the server that says no: RFC 9457, with the stable `code` to decide by. */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly body: Partial<ProblemBody>
  /** The Retry-After header in seconds; undefined when there is none. */
  readonly retryAfterS: number | undefined

  constructor(status: number, body: Partial<ProblemBody>, retryAfterS?: number) {
    super(body.detail ?? body.title ?? `the server answered ${status}`)
    this.name = 'Problem'
    this.status = status
    this.code = body.code ?? 'internal'
    this.body = body
    this.retryAfterS = retryAfterS
  }
}

/** No answer at all: the network or the server is away, so nobody knows whether the request had an effect. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super('the server cannot be reached', { cause })
    this.name = 'Unreachable'
  }
}

/** 429 because a share of the places is used up: waiting a moment does not help. */
const quotaCodes = new Set(['holds_limited', 'bookings_limited', 'contact_limited'])

/** Whether the same request may succeed in a moment, without anybody changing it. */
export function isTransient(error: unknown): boolean {
  if (error instanceof Unreachable) return true
  if (!(error instanceof Problem)) return false
  return error.status >= 500 || error.status === 408 || (error.status === 429 && !quotaCodes.has(error.code))
}

/** The refusal in an error: the question itself is wrong, so asking again is no use. */
export function refusalIn(error: unknown): Problem | undefined {
  return error instanceof Problem && !isTransient(error) ? error : undefined
}

/**
 * Whether the request may have had its effect although it failed: the answer was lost, or the server could not tell. Only the
 * same request with the same idempotency key may be sent then.
 */
export function isOutcomeUnknown(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof Problem && (error.status >= 500 || error.status === 408))
}

export function hasCode(error: unknown, ...codes: string[]): error is Problem {
  return error instanceof Problem && codes.includes(error.code)
}

/** Reads a Retry-After header: seconds, or a date as proxies may write it. */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (!header) return undefined
  if (/^\s*\d+\s*$/.test(header)) return Number(header)
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1000))
}
