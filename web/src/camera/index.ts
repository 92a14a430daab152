/** One camera's page: live, timeline, playback, clips, details. In: the camera's id from the address. Out: the page. */
export { CameraPage } from './camera-page.tsx';
