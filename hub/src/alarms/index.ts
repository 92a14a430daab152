/**
 * What is wrong in the house. In: agents' reports, their presence and silence, people's acknowledgements. Out: alarms with start, end, severity and
 * advice; changes. Promises: an agent speaks of its own cameras only; an agent that is gone is an alarm within 10 s; nothing flaps; kept a year.
 */
export { openAgentWatch, type AgentWatch, type AgentWatchOptions } from './agent-watch.ts';
export { openAlarms, type AgentTrouble, type Alarms, type AlarmsOptions, type AlarmWish } from './alarms.ts';
