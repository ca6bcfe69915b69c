/** From a record that someone knows to be double: find the other one, and put both side by side. */
import type { Router } from 'express';
import type { ListDefinition, ListRow } from '../../db/list-definition.ts';
import { action, page } from '../../http/declared-routes.ts';
import { shapeFor } from '../../http/list-page.ts';
import { redirectTo } from '../../http/redirects.ts';
import { renderPage } from '../../http/render.ts';
import type { Actor } from '../../shared/actor.ts';
import { ForbiddenError } from '../../shared/errors.ts';
import { readListState } from '../../shared/list-state.ts';
import type { CompanyList } from '../companies/index.ts';
import type { ListService } from '../lists/index.ts';
import type { StudentLists } from '../students/index.ts';
import type { DuplicateSubject } from './duplicate-kinds.ts';
import { recordUrl } from './duplicate-presenter.ts';
import { findTwinQuery, proposeForm } from './duplicate-schemas.ts';
import type { DuplicateService } from './duplicate-service.ts';
import { duplicateUrl } from './urls.ts';

export interface TwinServices {
  readonly duplicates: DuplicateService;
  readonly lists: ListService;
  readonly studentLists: StudentLists;
  readonly companyList: CompanyList;
}

const MERGERS = ['students.merge', 'companies.merge'] as const;
const SHOWN = 20;

interface FoundTwin {
  readonly id: string;
  readonly name: string;
  readonly detail: string;
  readonly href: string;
}

export function declareTwinRoutes(router: Router, services: TwinServices): void {
  const { duplicates } = services;
  const path = '/doublons/rapprochement';
  const subjectOf = (type: 'etudiants' | 'entreprises'): DuplicateSubject =>
    type === 'etudiants' ? 'student' : 'company';

  page(router, {
    path,
    permission: MERGERS,
    query: findTwinQuery,
    handler: async ({ res, actor, query }) => {
      const { t } = res.locals.page;
      const subjectType = subjectOf(query.type);
      if (!duplicates.kindsFor(actor).includes(subjectType)) throw new ForbiddenError();
      const record = await duplicates.describe(actor, subjectType, query.fiche);
      const q = query.q.trim() === '' ? record.name : query.q;
      const found = (await search(services, actor, subjectType, q)).filter(({ id }) => id !== query.fiche);
      renderPage(res, {
        view: 'duplicates/twin',
        title: t('duplicates.twin.title', { name: record.name }),
        locals: { path, type: query.type, record: { ...record, href: recordUrl(subjectType, record.id) }, q, found },
      });
    },
  });

  action(router, {
    path,
    permission: MERGERS,
    form: proposeForm,
    handler: async ({ req, res, actor, form }) => {
      const id = await duplicates.propose(actor, subjectOf(form.type), [form.fiche, form.autre]);
      redirectTo(req, res, duplicateUrl(id));
    },
  });
}

/** The list's own search, within what the actor may see. */
async function search(
  { lists, studentLists, companyList }: TwinServices,
  actor: Actor,
  subjectType: DuplicateSubject,
  q: string,
): Promise<FoundTwin[]> {
  if (subjectType === 'company') {
    const rows = await firstRows(lists, actor, companyList, q, ['nom', 'ville', 'secteur']);
    return rows.map((row) => ({
      id: row.id,
      name: row.name ?? '',
      detail: [row.city, row.sector].filter(Boolean).join(' · '),
      href: recordUrl('company', row.id),
    }));
  }
  const rows = await firstRows(lists, actor, studentLists.students, q, ['nom', 'numero', 'formation', 'ville']);
  return rows.map((row) => ({
    id: row.id,
    name: `${row.lastName ?? ''} ${row.firstName ?? ''}`.trim(),
    detail: [row.studentNumber, row.programme, row.city].filter(Boolean).join(' · '),
    href: recordUrl('student', row.id),
  }));
}

async function firstRows<Row extends ListRow>(
  lists: ListService,
  actor: Actor,
  definition: ListDefinition<Row>,
  q: string,
  keys: readonly string[],
): Promise<readonly Row[]> {
  const state = readListState({ q, limite: String(SHOWN) }, shapeFor(definition, actor));
  const columns = definition.columns.filter(
    ({ key, group }) => keys.includes(key) && (group === undefined || definition.reach(actor, group) !== 'nowhere'),
  );
  return (await lists.page({ definition, actor, state, columns })).rows;
}
