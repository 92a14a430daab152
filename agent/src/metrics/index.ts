/** The agent's metrics. In: reports, figures, alarms. Out: Prometheus text, and what each metric is. Promises: valid exposition, names with units. */
export { agentMetrics, writeMetrics, type MetricsSource } from './agent-metrics.ts';
