/** Every HTTP endpoint, once. In: nothing. Out: the table from which routes, OpenAPI and the web client's types come. */
export {
  commandStatusSchema,
  endpoints,
  liveStartSchema,
  reachedAtHeader,
  toJsonSchema,
  type Access,
  type AnswerOf,
  type CallOf,
  type Endpoint,
  type EndpointName,
  type LiveStart,
  type RequestOf,
  type ResponseOf,
  type Schema,
} from './endpoints.ts';
