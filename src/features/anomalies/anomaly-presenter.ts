import { html, type SafeHtml } from '../../http/safe-html.ts';
import type { Translate } from '../../i18n/index.ts';
import type { Anomaly } from './anomaly-queries.ts';

/** What is odd, field by field, as a notice says it; null when there is nothing to tell. */
export function anomalyList(anomalies: readonly Anomaly[], t: Translate): SafeHtml | null {
  if (anomalies.length === 0) return null;
  const lines = anomalies.map(({ code, field }) => {
    const where = field === '' ? '' : t(`imports.${code === 'EDIT_CONFLICT' ? 'fields' : 'cells'}.${field}`);
    const what = [where, t(`import-codes.${code}.title`)].filter(Boolean).join(' · ');
    return html`<li><strong>${what}</strong><br>${t(`import-codes.${code}.text`)}</li>`;
  });
  return html`<ul class="notice-list">${lines}</ul>`;
}
