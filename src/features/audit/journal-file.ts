/** The journal as a file. What its reader may not know is absent from the events already; its columns go as well. */
import type { FileColumn } from '../../http/list-export.ts';
import type { Language, Translate } from '../../i18n/index.ts';
import { actionLabel, actorLabel, subjectLabel } from './event-words.ts';
import { presentChanges, presentDetail } from './history-presenter.ts';
import { subjectText } from './journal-presenter.ts';
import type { NamedEvent } from './journal-service.ts';

/** `Ville : Laval → Angers`, one line a field, then what else the event says. */
function valuesText(event: NamedEvent, t: Translate, lang: Language): string | null {
  const changes = presentChanges(event, t, lang).map(({ label, before, after }) =>
    t('audit.pair', { name: label, text: `${before ?? '∅'} → ${after ?? '∅'}` }),
  );
  return [...changes, presentDetail(event, t, lang)].filter(Boolean).join('\n') || null;
}

/** @param content whether the reader may know values */
export function journalFileColumns(content: boolean, lang: Language): readonly FileColumn<NamedEvent>[] {
  const columns: readonly (FileColumn<NamedEvent> & { readonly withContent?: true })[] = [
    { key: 'date', label: 'audit.columns.time', value: ({ occurredAt }) => occurredAt },
    { key: 'acteur', label: 'audit.columns.who', value: (event, t) => actorLabel(event, t) },
    { key: 'action', label: 'audit.columns.what', value: ({ action }, t) => actionLabel(action, t) },
    { key: 'objet', label: 'audit.filters.objet', value: ({ subjectType }, t) => subjectLabel(subjectType, t) },
    { key: 'sur', label: 'audit.columns.subject', value: (event, t) => subjectText(event, t) },
    { key: 'fiche', label: 'audit.filters.fiche', value: ({ subjectId }) => subjectId },
    {
      key: 'detail',
      label: 'audit.columns.values',
      withContent: true,
      value: (event, t) => valuesText(event, t, lang),
    },
    { key: 'ip', label: 'audit.columns.from', value: ({ ip }) => ip },
    { key: 'requete', label: 'audit.columns.request', value: ({ requestId }) => requestId },
  ];
  return columns.filter(({ withContent }) => content || !withContent);
}
