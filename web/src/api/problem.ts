import type { ProblemBody } from './types'

/** An answer of the server that says no: RFC 9457, with the stable `code` to decide by. */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly body: Partial<ProblemBody>

  constructor(status: number, body: Partial<ProblemBody>) {
    super(body.detail ?? body.title ?? `the server answered ${status}`)
    this.name = 'Problem'
    this.status = status
    this.code = body.code ?? 'internal'
    this.body = body
  }
}

/** No answer at all: the network or the server is away, so nobody knows whether the request had an effect. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super('the server cannot be reached', { cause })
    this.name = 'Unreachable'
  }
}

/** Whether the same request may succeed in a moment, without anybody changing it. */
export function isTransient(error: unknown): boolean {
  if (error instanceof Unreachable) return true
  return error instanceof Problem && (error.status >= 500 || error.status === 408 || error.status === 429)
}

export function hasCode(error: unknown, ...codes: string[]): error is Problem {
  return error instanceof Problem && codes.includes(error.code)
}
