/**
 * Events in the index. In: events as the cameras' lines tell them, segments as they are closed. Out: events of a span; segments of
 * class `event`; files beside the footage that tell of events too. Promises: an event is found while footage of its time is kept; a segment is
 * marked whatever comes first; an index made anew gets its events back.
 */
export { EventBook, type EventRow } from './event-book.ts';
export { eventFolder, EventFiles, eventsRead, parseEventLines, readEventFiles } from './event-files.ts';
