import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { load } from 'js-yaml'
import { parseProse } from '../src/docs/prose'
import {
  authorizationOf,
  groupsOf,
  headersOf,
  limits,
  problemCodes,
  resolve,
  type Response,
  shapeOf,
  type Spec,
  typeWords,
} from '../src/docs/spec'

const spec: Spec = {
  info: { title: 'T', version: '1' },
  tags: [{ name: 'B' }, { name: 'Unused' }, { name: 'A' }],
  paths: {
    '/x/{id}': {
      parameters: [{ $ref: '#/components/parameters/id' }],
      get: { operationId: 'get-x', tags: ['A'] },
      put: { tags: ['B'] },
    },
    '/y': { get: {} },
  },
  components: {
    parameters: { id: { name: 'id', in: 'path', required: true, schema: { type: 'string' } } },
    schemas: { Node: { type: 'object', properties: { next: { $ref: '#/components/schemas/Node' } } } },
  },
}

test('operations are grouped by tag, in the document’s order', () => {
  const groups = groupsOf(spec)
  assert.deepEqual(
    groups.map((group) => [group.name, group.endpoints.map((endpoint) => endpoint.id)]),
    [
      ['B', ['put--x-id-']],
      ['A', ['get-x']],
      ['Other', ['get--y']],
    ],
  )
  assert.equal(groups[1]?.endpoints[0]?.parameters[0]?.name, 'id')
})

test('types in words', () => {
  assert.equal(typeWords(spec, { type: 'string', format: 'date-time' }), 'string (date-time)')
  assert.equal(typeWords(spec, { type: 'array', items: { $ref: '#/components/schemas/Node' } }), 'array of Node')
  assert.equal(typeWords(spec, { type: ['integer', 'null'] }), 'integer or null')
  assert.equal(typeWords(spec, { $ref: '#/nowhere' }), 'any')
})

test('limits in words', () => {
  assert.deepEqual(limits({ minimum: 1, maximum: 8, default: 1 }), ['at least 1', 'at most 8', 'default 1'])
  assert.deepEqual(limits({ enum: ['a', 'b'] }), ['one of "a", "b"'])
  assert.deepEqual(limits({}), [])
})

test('shapes are found through arrays and references', () => {
  assert.ok(shapeOf(spec, { type: 'array', items: { $ref: '#/components/schemas/Node' } })?.properties?.['next'])
  assert.equal(shapeOf(spec, { type: 'string' }), undefined)
})

test('descriptions become text, never markup', () => {
  assert.deepEqual(parseProse('Send `x` **now** <b>.\n\n- one\n- two'), [
    {
      kind: 'paragraph',
      lines: [
        [
          { kind: 'text', text: 'Send ' },
          { kind: 'code', text: 'x' },
          { kind: 'text', text: ' ' },
          { kind: 'strong', text: 'now' },
          { kind: 'text', text: ' <b>.' },
        ],
      ],
    },
    { kind: 'list', lines: [[{ kind: 'text', text: 'one' }], [{ kind: 'text', text: 'two' }]] },
  ])
})

test('the codes of a problem and its headers are read from the description', () => {
  assert.deepEqual(problemCodes('- `busy`: Busy.\n- `unavailable`: Not now: later.'), [
    { code: 'busy', meaning: 'Busy.' },
    { code: 'unavailable', meaning: 'Not now: later.' },
  ])
  assert.deepEqual(problemCodes('It does.'), [])
  assert.deepEqual(problemCodes(), [])
  const described: Spec = { ...spec, components: { headers: { 'Retry-After': { description: 'Seconds.', example: '1' } } } }
  assert.deepEqual(headersOf(described, { headers: { 'Retry-After': { $ref: '#/components/headers/Retry-After' } } }), [
    { name: 'Retry-After', description: 'Seconds.', example: '1' },
  ])
})

test('an operation that works without a key does not say that it needs one', () => {
  const key = { key: [] }
  assert.equal(authorizationOf({}), 'none')
  assert.equal(authorizationOf({ security: [{}] }), 'none')
  assert.equal(authorizationOf({ security: [key] }), 'required')
  assert.equal(authorizationOf({ security: [{}, key] }), 'optional')
  const api = load(readFileSync('../api/openapi.yaml', 'utf8')) as Spec
  const book = groupsOf(api)
    .flatMap((group) => group.endpoints)
    .find(({ method, path }) => method === 'POST' && /\/bookings$/.test(path))
  assert.equal(book && authorizationOf(book.operation), 'optional')
})

test('every problem of the committed API lists its codes, and every header is described', () => {
  const api = load(readFileSync('../api/openapi.yaml', 'utf8')) as Spec
  const endpoints = groupsOf(api).flatMap((group) => group.endpoints)
  assert.ok(endpoints.length > 10)
  for (const { id, operation } of endpoints) {
    for (const [status, raw] of Object.entries(operation.responses ?? {})) {
      const response: Response = resolve(api, raw)
      const isProblem = Object.keys(response.content ?? {}).includes('application/problem+json')
      assert.equal(problemCodes(response.description).length > 0, isProblem, `${id} ${status}`)
      for (const { name, description } of headersOf(api, response)) assert.ok(description, `${id} ${status} ${name}`)
    }
  }
})
