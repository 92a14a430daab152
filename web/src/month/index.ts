/** How much of each day is kept. In: a camera and the day shown. Out: a calendar whose days lead to the timeline. */
export { MonthView } from './month-view.tsx';
