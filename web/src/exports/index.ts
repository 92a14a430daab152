/** Exports of one or several cameras. In: the address, with a camera and a span chosen or not. Out: the form, the list of jobs, their files. */
export { ExportsPage } from './exports-page.tsx';
