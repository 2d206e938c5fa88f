import { serverClock, serverNow } from './clock'
import { parseRetryAfter, Problem, Unreachable } from './problem'
import type { ProblemBody } from './types'
import { REQUEST_TIMEOUT_MS } from './limits'

export interface Options {
  method?: 'GET' | 'POST'
  body?: unknown
  token?: string
  headers?: Record<string, string>
  signal?: AbortSignal | undefined
}

export interface Answer<T> {
  status: number
  etag: string | null
  /** Undefined for 304. */
  data: T | undefined
}

/** Sends one request. Throws Problem for every answer but 2xx and 304, and Unreachable when there is none. */
export async function send<T>(path: string, options: Options = {}): Promise<Answer<T>> {
  const sent = performance.now()
  const response = await fetchWithTimeout(path, options)
  serverClock.learn(response.headers.get('date'), sent, performance.now())
  if (!response.ok && response.status !== 304) throw await problemOf(response)
  const data = response.status === 200 || response.status === 201 ? await readJSON<T>(response) : undefined
  return { status: response.status, etag: response.headers.get('etag'), data }
}

/** Like send, for answers that always have a body. */
export async function request<T>(path: string, options: Options = {}): Promise<T> {
  const { data } = await send<T>(path, options)
  return data as T
}

async function fetchWithTimeout(path: string, options: Options): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json, application/problem+json', ...options.headers }
  if (options.token) headers['authorization'] = `Bearer ${options.token}`
  if (options.body !== undefined) headers['content-type'] = 'application/json'
  // Tells the server that one of its own pages asks, where the browser does not: over plain HTTP, behind a proxy that changes the Host.
  if (options.method === 'POST') headers['x-requested-with'] = 'Vacancy'
  const signals = [AbortSignal.timeout(REQUEST_TIMEOUT_MS), ...(options.signal ? [options.signal] : [])]
  try {
    return await fetch(path, {
      method: options.method ?? 'GET',
      headers,
      body: options.body === undefined ? null : JSON.stringify(options.body),
      signal: anySignal(signals),
      cache: 'no-store', // ETags are handled here; the browser's own cache would hide how old an answer is.
    })
  } catch (error) {
    if (options.signal?.aborted) throw error
    throw new Unreachable(error)
  }
}

async function readJSON<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T
  } catch (error) {
    throw new Unreachable(error) // The connection died within the body, or a proxy answered in the server's place.
  }
}

async function problemOf(response: Response): Promise<Problem> {
  const retryAfter = parseRetryAfter(response.headers.get('retry-after'), serverNow())
  return new Problem(response.status, await problemBody(response), retryAfter)
}

async function problemBody(response: Response): Promise<Partial<ProblemBody>> {
  try {
    const body: unknown = await response.json()
    return typeof body === 'object' && body !== null ? (body as Partial<ProblemBody>) : {}
  } catch {
    return { code: proxyCodes[response.status] ?? (response.status >= 500 ? 'unavailable' : 'internal') }
  }
}

/** What a proxy means by its own error page, in the codes of the API. */
const proxyCodes: Record<number, string> = { 403: 'forbidden', 408: 'timeout', 413: 'too_large', 429: 'too_many' }

/** AbortSignal.any, also where it does not exist yet. */
function anySignal(signals: AbortSignal[]): AbortSignal {
  if ('any' in AbortSignal) return AbortSignal.any(signals)
  const controller = new AbortController()
  for (const signal of signals) signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true })
  return controller.signal
}
