/** Prometheus text. In: metrics with figures. Out: exposition 0.0.4. Promises: what it writes, its own strict parser takes. */
export {
  expositionType,
  writeExposition,
  type HistogramSample,
  type Metric,
  type MetricDescription,
  type Sample,
} from './exposition.ts';
export { parseExposition, type ParsedMetric, type ParsedSample } from './parse-exposition.ts';
