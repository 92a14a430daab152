/** The frame around every screen: header, account, banner, trouble. In: routes. Out: layout components. */
export { Frame, Root } from './frame.tsx';
export { Crashed, NotFound } from './trouble.tsx';
