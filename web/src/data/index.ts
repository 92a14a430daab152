/** What the page knows of the house. Out: queries, the changes socket, whether the hub answers. Every answer is typed by the contract. */
export {
  cameraQuery,
  camerasQuery,
  coverageQuery,
  eventsQuery,
  holdsQuery,
  openQueryClient,
  recordingsQuery,
  sessionQuery,
  storageQuery,
  useAlarms,
  useCamera,
  useCameras,
  useOpenAlarms,
  useSession,
  useStorage,
} from './queries.ts';
export { openChanges, readReached, watchHouse, watchReached } from './house-link.ts';
export { toBackoffMs } from './backoff.ts';
