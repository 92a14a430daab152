/** How a camera is recorded, to be chosen. In: its plan. Out: fields for modes, the week and the length of events. */
export { RecordingFieldset, toPlan } from './recording-fieldset.tsx';
