/** Every HTTP endpoint, once. In: nothing. Out: the table from which routes, OpenAPI and the web client's types come. */
export {
  endpoints,
  type Access,
  type Endpoint,
  type EndpointName,
  type RequestOf,
  type ResponseOf,
} from './endpoints.ts';
