/** Every HTTP endpoint, once. In: nothing. Out: the table from which routes, OpenAPI and the web client's types come. */
export {
  commandStatusSchema,
  endpoints,
  reachedAtHeader,
  toJsonSchema,
  type AnswerOf,
  type CallOf,
  type EndpointName,
  type RequestOf,
  type ResponseOf,
  type Schema,
} from './endpoints.ts';
export type { Access, Endpoint } from './endpoint.ts';
export { liveStartSchema, type LiveStart } from './media-endpoints.ts';
