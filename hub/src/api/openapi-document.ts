import { endpoints, toJsonSchema, type Endpoint, type Schema } from '@porchlight/contract/endpoints';
import { apiErrorSchema } from '@porchlight/contract/errors';

type Json = Record<string, unknown>;
let document: Json | undefined;

/** The API as OpenAPI 3.1, from the contract's table. Made once. @see OpenAPI 3.1.0 */
export function toOpenApi(): Json {
  document ??= writeDocument();
  return document;
}

function writeDocument(): Json {
  const schemas: Json = {};
  const paths: Record<string, Json> = {};
  for (const [name, endpoint] of Object.entries<Endpoint>(endpoints)) {
    const path = (paths[endpoint.path] ??= {});
    path[endpoint.method.toLowerCase()] = writeOperation(name, endpoint, schemas);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Porchlight',
      version: '1',
      description: 'Times are integer milliseconds UTC. Errors are `{kind,message,fix}`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas,
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'porchlight.session_token' },
        token: { type: 'http', scheme: 'bearer', description: 'local.token or metrics.token in the data folder' },
      },
    },
  };
}

function writeOperation(name: string, endpoint: Endpoint, schemas: Json): Json {
  const parameters = [
    ...writeParameters('path', endpoint.params, schemas),
    ...writeParameters('query', endpoint.query, schemas),
  ];
  const error = { description: 'What went wrong', content: jsonContent(apiErrorSchema, 'output', schemas) };
  return {
    operationId: name,
    summary: endpoint.summary,
    security: endpoint.access === 'open' ? [] : [{ session: [] }, { token: [] }],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(endpoint.body
      ? { requestBody: { required: true, content: jsonContent(endpoint.body, 'input', schemas) } }
      : {}),
    ...(endpoint.bodyType === undefined
      ? {}
      : { requestBody: { required: true, content: { [endpoint.bodyType]: { schema: { type: 'string' } } } } }),
    responses: { [endpoint.status]: writeAnswer(endpoint, schemas), default: error },
  };
}

function writeAnswer(endpoint: Endpoint, schemas: Json): Json {
  const description = endpoint.summary;
  if (endpoint.response) return { description, content: jsonContent(endpoint.response, 'output', schemas) };
  if (endpoint.responseType === undefined) return { description };
  return { description, content: { [endpoint.responseType]: {} } };
}

function writeParameters(place: 'path' | 'query', object: Endpoint['query'], schemas: Json): Json[] {
  const shape: Record<string, Schema> = object?.shape ?? {};
  return Object.entries(shape).map(([name, schema]) => ({
    name,
    in: place,
    required: place === 'path' || !schema.safeParse(undefined).success,
    schema: writeSchema(schema, 'output', schemas),
  }));
}

const jsonContent = (schema: Schema, io: 'input' | 'output', schemas: Json): Json => ({
  'application/json': { schema: writeSchema(schema, io, schemas) },
});

/** A schema in JSON Schema's words; those with an id go to `schemas` and are referred to. */
function writeSchema(schema: Schema, io: 'input' | 'output', schemas: Json): Json {
  const {
    $schema: _,
    $defs = {},
    ...written
  } = toJsonSchema(schema, io) as Json & {
    $defs?: Json;
  };
  for (const [id, definition] of Object.entries($defs)) schemas[id] = pointToComponents(definition);
  const id = schema.meta()?.id;
  if (id === undefined) return pointToComponents(written) as Json;
  schemas[id] = pointToComponents(written);
  return { $ref: `#/components/schemas/${id}` };
}

function pointToComponents(value: unknown): unknown {
  const text = JSON.stringify(value, (key, inner: unknown) =>
    key === 'id' && typeof inner === 'string' ? undefined : inner,
  );
  return JSON.parse(text.replaceAll('"#/$defs/', '"#/components/schemas/')) as unknown;
}
