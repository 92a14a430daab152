/** The wall: every camera live at once. In: the list of cameras. Out: the page. Tiles that nobody can see fetch nothing. */
export { WallPage } from './wall-page.tsx';
