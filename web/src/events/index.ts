/** What happened at a camera. In: a camera and its day. Out: its events, a list of them with pictures, recording by hand. */
export { EventList, toEventName } from './event-list.tsx';
export { RecordButton } from './record-button.tsx';
export { useEvents } from './use-events.ts';
