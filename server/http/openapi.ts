import { z } from 'zod'
import type { ApiDeclaration } from './define-api-handler'

/** A route as the build found it, with what it declares. */
export interface DeclaredRoute {
  /** `/api/traces/:traceId` as the router writes it. */
  path: string
  method: string
  declaration: ApiDeclaration
}

type Json = Record<string, unknown>

/**
 * The API as OpenAPI 3.1, made from the schemas that validate it, so that it cannot say anything else. Schemas with an
 * id become components; everything JSON Schema cannot say of a wire schema would throw here and fail the test.
 */
export function openApiDocument(routes: DeclaredRoute[], { title, version, server }: { title: string, version: string, server: string }): Json {
  const schemas: Json = {}
  const paths: Record<string, Json> = {}

  for (const route of [...routes].sort((a, b) => a.path.localeCompare(b.path))) {
    const path = route.path.replace(/:(\w+)/g, '{$1}').replace(/\*\*:?(\w*)/g, (_, name: string) => `{${name || 'path'}}`)
    paths[path] = { ...paths[path], [route.method]: operation(route, schemas) }
  }

  schemas.Problem = problem
  return {
    openapi: '3.1.0',
    info: { title, version },
    servers: [{ url: server }],
    paths,
    components: {
      schemas,
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'bongsu', description: 'From POST /api/session; `__Host-bongsu` where the origin is https.' },
        token: { type: 'http', scheme: 'bearer', description: 'An API token, with its own subset of its owner’s permissions.' },
        ingestKey: { type: 'http', scheme: 'bearer', description: 'An ingest key whose scopes cover the route.' },
      },
    },
  }
}

function operation({ path, method, declaration }: DeclaredRoute, schemas: Json): Json {
  const success = String(declaration.status ?? (declaration.response ? 200 : 204))
  return {
    'operationId': `${method}${path.replace(/^\/api/, '').replace(/[/:.*-]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`,
    'tags': [path.split('/')[2] ?? 'api'],
    'x-permission': declaration.permission,
    ...(declaration.scope && { 'x-scope': declaration.scope }),
    'security': security(declaration),
    'parameters': [
      ...parameters('path', declaration.params, schemas),
      ...parameters('query', declaration.query, schemas),
    ],
    ...(declaration.body && { requestBody: { required: true, content: { 'application/json': { schema: toJsonSchema(declaration.body, 'input', schemas) } } } }),
    'responses': {
      [success]: {
        description: 'Done',
        ...(declaration.response && { content: { 'application/json': { schema: toJsonSchema(declaration.response, 'output', schemas) } } }),
      },
      default: { description: 'RFC 9457', content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } },
    },
  }
}

function security({ permission }: ApiDeclaration): Json[] {
  if (permission === 'public') return []
  return permission === 'machine' ? [{ ingestKey: [] }] : [{ session: [] }, { token: [] }]
}

function parameters(where: 'path' | 'query', schema: z.ZodType | undefined, schemas: Json): Json[] {
  if (!schema) return []
  const { properties = {}, required = [] } = toJsonSchema(schema, 'input', schemas) as { properties?: Json, required?: string[] }
  return Object.entries(properties).map(([name, property]) => ({ name, in: where, required: where === 'path' || required.includes(name), schema: property }))
}

/** JSON Schema 2020-12 as OpenAPI 3.1 takes it; named schemas move to the components. */
function toJsonSchema(schema: z.ZodType, io: 'input' | 'output', schemas: Json): Json {
  const { $schema, $defs = {}, ...own } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json & { $defs?: Json }
  const hoisted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(hoisted)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) =>
      key === '$ref' && typeof inner === 'string' ? [key, inner.replace('#/$defs/', '#/components/schemas/')] : [key, hoisted(inner)]))
  }
  for (const [name, definition] of Object.entries($defs)) schemas[name] = hoisted(definition)
  return hoisted(own) as Json
}

const problem: Json = {
  type: 'object',
  required: ['type', 'title', 'detail', 'status', 'code', 'params', 'requestId'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    detail: { type: 'string', description: 'In the language of the request.' },
    status: { type: 'integer' },
    code: { type: 'string' },
    params: { type: 'object' },
    issues: { type: 'array', items: { type: 'object' }, description: 'Field by field, where the code is request.invalid.' },
    requestId: { type: 'string' },
  },
}
