/** Notes of a company and of the people there: read with one right, written with another, the same for both. */
import type { Router } from 'express';
import { renderPage } from '../../http/render.ts';
import { hasPermission, type Actor } from '../../shared/actor.ts';
import { ForbiddenError } from '../../shared/errors.ts';
import { declareNotes } from '../notes/index.ts';
import { presentationOf, type CompanyRouteServices } from './company-page.ts';
import { presentFrame } from './company-presenter.ts';
import { presentContactFrame } from './contact-presenter.ts';
import { companiesUrl, companyUrl, contactsUrl, contactUrl } from './urls.ts';

/** Reading a record is not enough to read what is written on it. */
function refuseUnlessReadsNotes(actor: Actor): void {
  if (!hasPermission(actor, 'companies.read_notes')) throw new ForbiddenError();
}

export function declareCompanyNotes(router: Router, services: CompanyRouteServices): void {
  declareNotes(router, services, {
    path: companyUrl(':id', 'notes'),
    mergedFlash: 'companies.flash.merged',
    read: 'companies.read',
    write: 'companies.write_notes',
    open: async (context) => {
      const { res, actor, params } = context;
      refuseUnlessReadsNotes(actor);
      const record = await services.companies.read(actor, params['id'] ?? '');
      if (!('company' in record)) return record;
      const { id, name } = record.company;
      await services.companies.noteConsultation(actor, id, 'notes');
      const presentation = presentationOf(res, actor, services.clock);
      const { t } = presentation;
      return {
        record: { subjectType: 'company', subjectId: id },
        name,
        base: companyUrl(id, 'notes'),
        canWrite: hasPermission(actor, 'companies.write_notes'),
        trail: [
          { label: t('common.nav.companies'), href: companiesUrl() },
          { label: name, href: companyUrl(id, 'notes') },
        ],
        show: (notes) =>
          renderPage(res, {
            view: 'companies/notes',
            title: `${name} · ${t('companies.tabs.notes')}`,
            status: res.statusCode,
            locals: { frame: presentFrame(record, 'notes', presentation), notes },
          }),
      };
    },
  });
}

export function declareContactNotes(router: Router, { contacts, notes, clock }: CompanyRouteServices): void {
  declareNotes(
    router,
    { notes, clock },
    {
      path: contactUrl(':id', 'notes'),
      mergedFlash: 'companies.flash.merged',
      read: 'contacts.read',
      write: 'companies.write_notes',
      open: async ({ res, actor, params }) => {
        refuseUnlessReadsNotes(actor);
        const contact = await contacts.open(actor, params['id'] ?? '', 'notes');
        const frame = presentContactFrame(contact, 'notes', presentationOf(res, actor, clock));
        const { t } = res.locals.page;
        return {
          record: { subjectType: 'contact', subjectId: contact.id },
          name: frame.name,
          base: contactUrl(contact.id, 'notes'),
          canWrite: hasPermission(actor, 'companies.write_notes'),
          trail: [
            { label: t('common.nav.contacts'), href: contactsUrl() },
            { label: frame.name, href: contactUrl(contact.id, 'notes') },
          ],
          show: (locals) =>
            renderPage(res, {
              view: 'contacts/notes',
              title: `${frame.name} · ${t('companies.tabs.notes')}`,
              status: res.statusCode,
              locals: { frame, notes: locals },
            }),
        };
      },
    },
  );
}
