// The part of OpenAPI 3.1 that the reference shows.

export interface Schema {
  $ref?: string
  type?: string | string[]
  title?: string
  description?: string
  format?: string
  pattern?: string
  enum?: unknown[]
  const?: unknown
  default?: unknown
  examples?: unknown[]
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  required?: string[]
  properties?: Record<string, Schema>
  additionalProperties?: Schema | boolean
  items?: Schema
  oneOf?: Schema[]
  anyOf?: Schema[]
  allOf?: Schema[]
}

export interface Parameter {
  $ref?: string
  name: string
  in: string
  required?: boolean
  description?: string
  schema?: Schema
}

export interface Content {
  [mediaType: string]: { schema?: Schema }
}

export interface Header {
  $ref?: string
  description?: string
  example?: string
  schema?: Schema
}

export interface Response {
  $ref?: string
  description?: string
  content?: Content
  headers?: Record<string, Header>
}

/** A code of a problem, and what it means. */
export interface ProblemCode {
  code: string
  meaning: string
}

export interface Operation {
  operationId?: string
  summary?: string
  description?: string
  tags?: string[]
  parameters?: Parameter[]
  requestBody?: { description?: string; required?: boolean; content?: Content }
  responses?: Record<string, Response>
  security?: Record<string, string[]>[]
}

/** Whether an operation takes a key or token: an empty option among others means that it works without, too. */
export function authorizationOf({ security = [] }: Pick<Operation, 'security'>): 'none' | 'optional' | 'required' {
  const withKey = security.some((option) => Object.keys(option).length > 0)
  if (!withKey) return 'none'
  return security.some((option) => Object.keys(option).length === 0) ? 'optional' : 'required'
}

export interface Spec {
  info: { title: string; version: string; description?: string }
  tags?: { name: string; description?: string }[]
  paths: Record<string, Record<string, unknown>>
  components?: Record<string, Record<string, unknown>>
}

export interface Endpoint {
  id: string
  method: string
  path: string
  operation: Operation
  parameters: Parameter[]
}

export interface Group {
  name: string
  description: string
  endpoints: Endpoint[]
}

const methods = ['get', 'post', 'put', 'patch', 'delete']

/** The operations by their first tag, in the order of the document. */
export function groupsOf(spec: Spec): Group[] {
  const groups = new Map<string, Group>()
  for (const { name, description } of spec.tags ?? []) groups.set(name, { name, description: description ?? '', endpoints: [] })
  for (const endpoint of endpointsOf(spec)) {
    const name = endpoint.operation.tags?.[0] ?? 'Other'
    const group = groups.get(name) ?? { name, description: '', endpoints: [] }
    group.endpoints.push(endpoint)
    groups.set(name, group)
  }
  return [...groups.values()].filter((group) => group.endpoints.length > 0)
}

function endpointsOf(spec: Spec): Endpoint[] {
  return Object.entries(spec.paths).flatMap(([path, item]) =>
    methods
      .filter((method) => item[method])
      .map((method) => {
        const operation = item[method] as Operation
        const shared = (item['parameters'] ?? []) as Parameter[]
        const parameters = [...shared, ...(operation.parameters ?? [])].map((parameter) => resolve(spec, parameter))
        const id = operation.operationId ?? `${method}-${path.replace(/[^a-z0-9]+/gi, '-')}`
        return { id, method: method.toUpperCase(), path, operation, parameters }
      }),
  )
}

/** Follows a reference within the document; what is no reference, or leads nowhere, is returned as it is. */
export function resolve<T extends { $ref?: string }>(spec: Spec, value: T): T {
  if (!value.$ref?.startsWith('#/')) return value
  let found: unknown = spec
  for (const key of value.$ref.slice(2).split('/')) {
    found = (found as Record<string, unknown> | undefined)?.[key.replaceAll('~1', '/').replaceAll('~0', '~')]
  }
  return (found as T | undefined) ?? value
}

/** The codes that a response's description lists, as "- `code`: What it means."; empty when it lists none. */
export function problemCodes(description = ''): ProblemCode[] {
  return [...description.matchAll(/^- `([a-z_]+)`: (.+)$/gm)].map(([, code = '', meaning = '']) => ({ code, meaning }))
}

/** The headers of a response, by name, each looked up where it is described. */
export function headersOf(spec: Spec, { headers = {} }: Response): (Header & { name: string })[] {
  return Object.entries(headers)
    .map(([name, header]) => ({ name, ...resolve(spec, header) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** The name a reference ends in, to recognise a shape by. */
export function refName(schema: Schema): string {
  return schema.$ref?.split('/').pop() ?? ''
}

/** A type in a few words: "string (date-time)", "array of Slot", "integer or null". */
export function typeWords(spec: Spec, schema: Schema): string {
  const real = resolve(spec, schema)
  const alternatives = real.oneOf ?? real.anyOf
  if (alternatives) return alternatives.map((alternative) => typeWords(spec, alternative)).join(' or ')
  const types = [real.type ?? (real.properties ? 'object' : 'any')].flat()
  const words = types.map((type) => (type === 'array' && real.items ? `array of ${typeWords(spec, real.items)}` : type))
  const name = refName(schema)
  const first = words[0] === 'object' && name ? [name, ...words.slice(1)] : words
  return first.join(' or ') + (real.format ? ` (${real.format})` : '')
}

/** What a value must keep to, besides its type. */
export function limits(schema: Schema): string[] {
  const show = (value: unknown) => JSON.stringify(value)
  return [
    schema.enum && `one of ${schema.enum.map(show).join(', ')}`,
    schema.const !== undefined && `always ${show(schema.const)}`,
    schema.minimum !== undefined && `at least ${schema.minimum}`,
    schema.maximum !== undefined && `at most ${schema.maximum}`,
    schema.minLength !== undefined && `at least ${schema.minLength} characters`,
    schema.maxLength !== undefined && `at most ${schema.maxLength} characters`,
    schema.minItems !== undefined && `at least ${schema.minItems} items`,
    schema.maxItems !== undefined && `at most ${schema.maxItems} items`,
    schema.pattern && `matches ${schema.pattern}`,
    schema.default !== undefined && `default ${show(schema.default)}`,
    schema.examples?.length && `for example ${show(schema.examples[0])}`,
  ].filter((limit): limit is string => Boolean(limit))
}

/** The shape to list below a value: its own properties, or those of an array's items. */
export function shapeOf(spec: Spec, schema: Schema): Schema | undefined {
  const real = resolve(spec, schema)
  if (real.properties) return real
  if (real.items) return shapeOf(spec, real.items)
  if (typeof real.additionalProperties === 'object') return shapeOf(spec, real.additionalProperties)
  const inner = [...(real.allOf ?? []), ...(real.oneOf ?? []), ...(real.anyOf ?? [])].map((part) => shapeOf(spec, part))
  return inner.find((part) => part !== undefined)
}
