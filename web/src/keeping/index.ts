/** How long one camera's footage is kept. In: a camera. Out: the dialog that asks, tells for how long that will do, and saves. */
export { KeepingDialog } from './keeping-dialog.tsx';
