/** Signing in. Out: the page. Promises: the way back stays inside this page. */
export { SignInPage } from './sign-in-page.tsx';
