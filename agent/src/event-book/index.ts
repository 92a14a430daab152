/**
 * Events in the index. In: events as the cameras' lines tell them, segments as they are closed. Out: events of a span; segments of
 * class `event`. Promises: an event is found while footage of its time is kept; a segment is marked whatever comes first.
 */
export { EventBook, type EventRow } from './event-book.ts';
