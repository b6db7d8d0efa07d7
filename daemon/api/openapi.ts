import * as z from 'zod';
import { errorStatus } from '../protocol/errors.ts';
import type { RawRows } from './route.ts';

type Document = Record<string, unknown>;

/** Returns the OpenAPI 3.1 document of every documented route. Requests are generated from the schemas that check them. */
export function openapi(
  routes: Readonly<Record<string, { schema: z.ZodType }>>,
  raw: RawRows,
  version: string,
): Document {
  const paths: Record<string, Document> = {};
  for (const [route, { schema }] of Object.entries(routes)) add(paths, route, schema);
  for (const [route, { documented }] of Object.entries(raw)) if (documented) add(paths, route, documented, bytes);
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
  const inPath = [...path.matchAll(parameter)].map((match) => String(match[1]));
  const rest = Object.keys(properties).filter((name) => !inPath.includes(name));
  const parameterOf = (name: string, where: string): Document => ({
    name,
    in: where,
    required: where === 'path' || required.has(name),
    schema: properties[name],
  });
  const responses = {
    200: { description: 'Done', content: json({}) },
    default: { $ref: '#/components/responses/refused' },
  };
  const parameters = inPath.map((name) => parameterOf(name, 'path'));
  if (method === 'GET')
    return { parameters: [...parameters, ...rest.map((name) => parameterOf(name, 'query'))], responses };
  const body = { type: 'object', properties: Object.fromEntries(rest.map((name) => [name, properties[name]])) };
  const needed = rest.filter((name) => required.has(name));
  return { parameters, requestBody: { content: json({ ...body, required: needed }) }, responses };
}

const parameter = /[:*](\w+)/g;
const bytes = { 200: { description: 'Bytes', content: { 'application/octet-stream': {} } } };

function add(paths: Record<string, Document>, route: string, schema: z.ZodType, replies: Document = {}): void {
  const [method, path] = route.split(' ') as [string, string];
  const name = path.replaceAll(parameter, '{$1}');
  const described = operation(method, path, z.toJSONSchema(schema, { io: 'input' }));
  const responses = { ...(described['responses'] as Document), ...replies };
  paths[name] = { ...paths[name], [method.toLowerCase()]: { ...described, responses } };
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
