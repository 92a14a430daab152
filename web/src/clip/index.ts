/**
 * A chosen span and its download. In: a camera, what is recorded, the span. Out: the bar with the two ends, the size, the way
 * to the file. A download that takes long shows how far it is and can be called off; one that ends early says so.
 */
export { ClipBar } from './clip-bar.tsx';
