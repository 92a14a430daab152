/** Adding, changing and removing a camera. In: nothing, or the camera. Out: dialogs. A source can be tested before it is saved. */
export { AddCamera } from './add-camera.tsx';
export { EditCamera } from './edit-camera.tsx';
