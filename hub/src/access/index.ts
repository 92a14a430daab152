/** May they. In: a caller and a wish. Out: a decision. Promises: pure, and no unless something says yes. */
export { decide, type Caller, type Decision, type Wish } from './access.ts';
