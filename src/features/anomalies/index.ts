export { anomalyList } from './anomaly-presenter.ts';
export { findAnomalies, groupOfAnomaly, type Anomaly } from './anomaly-queries.ts';
