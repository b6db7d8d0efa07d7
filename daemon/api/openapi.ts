import * as z from 'zod';
import { errorStatus } from '../protocol/errors.ts';
import * as schema from './schema.ts';
import type { Endpoints } from './service.ts';

type Document = Record<string, unknown>;

/** An OpenAPI 3.1 document of every route, its requests generated from the schemas that check them. */
export function openapi(endpoints: Endpoints, version: string): Document {
  const paths: Record<string, Document> = {};
  for (const [route, endpoint] of Object.entries(endpoints)) {
    const [method, path] = route.split(' ') as [string, string];
    const name = path.replaceAll(/:(\w+)/g, '{$1}');
    paths[name] = {
      ...paths[name],
      [method.toLowerCase()]: operation(method, path, z.toJSONSchema(endpoint.schema, { io: 'input' })),
    };
  }
  Object.assign(paths, binaryPaths());
  return {
    openapi: '3.1.0',
    info: { title: 'Plinth', version },
    security: [{ token: [] }],
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } }, responses: { refused: refused() } },
    paths,
  };
}

function operation(method: string, path: string, schema: Document): Document {
  const properties = (schema['properties'] ?? {}) as Record<string, unknown>;
  const required = new Set((schema['required'] ?? []) as string[]);
  const inPath = [...path.matchAll(/:(\w+)/g)].map((match) => String(match[1]));
  const rest = Object.keys(properties).filter((name) => !inPath.includes(name));
  const place = (name: string, where: string): Document => ({
    name,
    in: where,
    required: where === 'path' || required.has(name),
    schema: properties[name],
  });
  const responses = {
    200: { description: 'Done', content: json({}) },
    default: { $ref: '#/components/responses/refused' },
  };
  const parameters = inPath.map((name) => place(name, 'path'));
  if (method === 'GET') return { parameters: [...parameters, ...rest.map((name) => place(name, 'query'))], responses };
  const body = { type: 'object', properties: Object.fromEntries(rest.map((name) => [name, properties[name]])) };
  const needed = rest.filter((name) => required.has(name));
  return { parameters, requestBody: { content: json({ ...body, required: needed }) }, responses };
}

/** Routes that answer with bytes. */
function binaryPaths(): Record<string, Document> {
  const named = z.object({ model: z.string(), version: z.string(), path: z.string() });
  const bytes = { 200: { description: 'Bytes', content: { 'application/octet-stream': {} } } };
  const told = (path: string, asked: z.ZodType): Document => {
    const operationOf = operation('GET', path, z.toJSONSchema(asked, { io: 'input' }));
    return { get: { ...operationOf, responses: { ...(operationOf['responses'] as Document), ...bytes } } };
  };
  return {
    '/series/points': told('/series/points', schema.points),
    '/models/{model}/versions/{version}/files/{path}': told('/models/:model/versions/:version/files/:path', named),
  };
}

function json(schema: Document): Document {
  return { 'application/json': { schema } };
}

function refused(): Document {
  const error = {
    type: 'object',
    properties: { code: { enum: Object.keys(errorStatus) }, message: { type: 'string' }, details: { type: 'object' } },
  };
  return { description: 'Refused, in one sentence', content: json({ type: 'object', properties: { error } }) };
}
