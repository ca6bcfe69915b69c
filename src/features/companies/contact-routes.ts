/** The record of a contact: its tabs, its tags, its archiving. */
import type { Router } from 'express';
import { action, createRouter, page } from '../../http/declared-routes.ts';
import { noFields } from '../../http/forms.ts';
import { redirectTo } from '../../http/redirects.ts';
import { renderPage } from '../../http/render.ts';
import { presentHistory } from '../audit/index.ts';
import type { RefusedTag } from '../tags/index.ts';
import { presentationOf, type CompanyRouteServices } from './company-page.ts';
import { declareContactForms } from './contact-form-routes.ts';
import { contactName, presentContact, presentContactFrame } from './contact-presenter.ts';
import { declareContactNotes } from './note-routes.ts';
import { historyInWords } from './record-history.ts';
import { declareRecordTags, type PageRequest } from './tag-routes.ts';
import { contactArchiveUrl, contactTagsUrl, contactUrl } from './urls.ts';

export function contactRoutes(services: CompanyRouteServices): Router {
  const router = createRouter();
  declareContact(router, services);
  declareContactForms(router, services);
  declareContactNotes(router, services);
  return router;
}

function declareContact(router: Router, { contacts, clock, tags }: CompanyRouteServices): void {
  async function show({ res, actor, params }: PageRequest, tagRefused: RefusedTag | null = null): Promise<void> {
    const contact = await contacts.open(actor, params['id'] ?? '', 'identity');
    const presentation = presentationOf(res, actor, clock);
    const frame = presentContactFrame(contact, 'fiche', presentation);
    const events = await contacts.history(actor, contact.id);
    const days = presentHistory(historyInWords(events, presentation.t), presentation);
    renderPage(res, {
      view: 'contacts/record',
      title: frame.name,
      status: res.statusCode,
      locals: { frame, contact: presentContact(contact, presentation), days, tagRefused },
    });
  }

  page(router, { path: contactUrl(':id'), permission: 'contacts.read', handler: (context) => show(context) });

  declareRecordTags(router, {
    path: contactTagsUrl(':id'),
    tags,
    subjectType: 'contact',
    refused: show,
    open: async ({ actor, params }) => {
      const { id } = await contacts.read(actor, params['id'] ?? '');
      return { id, href: contactUrl(id) };
    },
  });

  page(router, {
    path: contactArchiveUrl(':id'),
    permission: 'contacts.archive',
    handler: async ({ res, actor, params }) => {
      const contact = await contacts.read(actor, params['id'] ?? '');
      const { t } = res.locals.page;
      const title = t('companies.archive.title', { name: contactName(contact) });
      renderPage(res, {
        view: 'components/confirm-page',
        title,
        locals: {
          id: 'archive',
          title,
          message: t('companies.contacts.archive_message'),
          action: contactArchiveUrl(contact.id),
          confirmLabel: t('common.actions.archive'),
          icon: 'archive',
          tone: 'warning',
          cancelHref: contactUrl(contact.id),
        },
      });
    },
  });

  action(router, {
    path: contactArchiveUrl(':id'),
    permission: 'contacts.archive',
    form: noFields,
    handler: async ({ req, res, actor, params }) => {
      await contacts.archive(actor, params['id'] ?? '');
      redirectTo(req, res, contactUrl(params['id'] ?? ''), { kind: 'success', key: 'companies.flash.archived' });
    },
  });

  action(router, {
    path: contactArchiveUrl(':id'),
    method: 'delete',
    permission: 'contacts.archive',
    form: noFields,
    handler: async ({ req, res, actor, params }) => {
      await contacts.restore(actor, params['id'] ?? '');
      redirectTo(req, res, contactUrl(params['id'] ?? ''), { kind: 'success', key: 'companies.flash.restored' });
    },
  });
}
