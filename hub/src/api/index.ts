/**
 * The HTTP API. In: `Request`s and the parts it stands on. Out: `Response`s. Promises: every endpoint of the contract and nothing else; each asks
 * who it is, then policy, then parses; answers hold only what the contract names; no platform but `fetch`.
 */
export { openApi } from './app.ts';
export { isOwnHost, type HostPolicy } from './host-policy.ts';
export { toOpenApi } from './openapi-document.ts';
export type { AgentVisit, ApiParts } from './parts.ts';
export { Problem, toErrorResponse } from './problem.ts';
export { toSecurityHeaders } from './security-headers.ts';
export { renewSetupToken } from './setup-token.ts';
