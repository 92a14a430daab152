/** The hub's metrics. In: cameras, alarms, counts. Out: Prometheus text, and what each metric is. Promises: valid exposition, names with units. */
export { hubMetrics, writeHubMetrics, type HubMetricsSource } from './hub-metrics.ts';
