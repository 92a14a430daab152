/** First run. In: the one-time link. Out: the page that makes the owner's account. */
export { SetupPage } from './setup-page.tsx';
