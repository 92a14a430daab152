/** The hub as a listening process. In: an app with `fetch`. Out: an HTTP(S) server, page files. Promises: upgrades meet the same checks as requests. */
export { openChangeSockets } from './change-sockets.ts';
export { openPageFiles } from './page-files.ts';
export { openServer, upgraded, type HttpServer, type NodeBindings, type ServerOptions } from './server.ts';
