/** Contacts: their record, their form, their archiving. */
import type { Router } from 'express';
import { action, createRouter, page, type RouteContext } from '../../http/declared-routes.ts';
import { noFields, type FieldErrors } from '../../http/forms.ts';
import { redirectTo } from '../../http/redirects.ts';
import { renderPage } from '../../http/render.ts';
import { ConflictError } from '../../shared/errors.ts';
import { dayOf } from '../../shared/dates.ts';
import { presentHistory } from '../audit/index.ts';
import { presentForm, shownValues, type FormPage } from './form-page.ts';
import { authorOf, openRecord, presentationOf, type CompanyRouteServices } from './company-page.ts';
import { contactFormValues, contactGroups, contactName, presentContact } from './contact-presenter.ts';
import type { ContactRow, LockedContact } from './contact-queries.ts';
import { contactForm, newContactForm } from './contact-schemas.ts';
import { historyInWords } from './record-history.ts';
import { presentSimilarContacts } from './similar-presenter.ts';
import { declareRecordTags } from './tag-routes.ts';
import {
  companiesUrl,
  companyUrl,
  contactArchiveUrl,
  contactsUrl,
  contactTagsUrl,
  contactUrl,
  editContactUrl,
  newContactUrl,
} from './urls.ts';

interface Attempt {
  readonly values?: Readonly<Record<string, unknown>>;
  readonly errors?: FieldErrors;
  readonly formError?: string | null;
  readonly conflict?: FormPage['conflict'];
}

type AnyContext = Pick<RouteContext<unknown, unknown>, 'req' | 'res' | 'actor' | 'params'>;

export function contactRoutes(services: CompanyRouteServices): Router {
  const router = createRouter();
  declareContact(router, services);
  declareCreation(router, services);
  declareEdition(router, services);
  return router;
}

function declareContact(router: Router, { contacts, clock, tags }: CompanyRouteServices): void {
  async function show({ res, actor, params }: AnyContext, tagError: string | null = null): Promise<void> {
    const contact = await contacts.read(actor, params['id'] ?? '');
    const presentation = presentationOf(res, actor, clock);
    const locals = presentContact(contact, presentation);
    const events = await contacts.history(actor, contact.id);
    const days = presentHistory(historyInWords(events, presentation.t), presentation);
    renderPage(res, {
      view: 'contacts/record',
      title: locals.name,
      status: res.statusCode,
      locals: { contact: locals, days, tagError },
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

function declareCreation(router: Router, services: CompanyRouteServices): void {
  const { contacts, companySites: sites } = services;

  async function render(context: AnyContext, attempt: Attempt): Promise<void> {
    const record = await openRecord(services, context, 'contacts');
    if (!record) return;
    const { res, actor } = context;
    const { t } = res.locals.page;
    const { company } = record;
    const values = { contactRole: 'other', ...attempt.values };
    const person = typedPerson(values);
    const similar = person ? await contacts.similarTo(actor, company.id, person) : [];
    const form: FormPage = {
      header: {
        title: t('companies.contacts.new'),
        lead: company.name,
        trail: [
          { label: t('common.nav.companies'), href: companiesUrl() },
          { label: company.name, href: companyUrl(company.id, 'contacts') },
        ],
      },
      action: newContactUrl(company.id),
      cancelHref: companyUrl(company.id, 'contacts'),
      draft: `contact:new:${company.id}`,
      groups: contactGroups(await sites.list(actor, company.id), { actor, t }, { asksStudent: true, siteId: null }),
      version: null,
      submitLabel: t('companies.contacts.submit'),
      similar: presentSimilarContacts(similar, { t, insisted: attempt.values?.['despite'] === '1' }),
      ...attempt,
      values,
    };
    renderPage(res, {
      view: 'companies/form',
      title: t('companies.contacts.new'),
      status: res.statusCode,
      locals: presentForm(form, t),
    });
  }

  page(router, {
    path: newContactUrl(':id'),
    permission: 'contacts.create',
    handler: (context) => render(context, {}),
  });

  action(router, {
    path: newContactUrl(':id'),
    permission: 'contacts.create',
    form: newContactForm,
    invalid: (context, problem) => render(context, problem),
    handler: async ({ req, res, actor, params, form }) => {
      const id = await contacts.create(actor, params['id'] ?? '', form);
      redirectTo(req, res, contactUrl(id), { kind: 'success', key: 'companies.flash.contact_created' });
    },
  });
}

function declareEdition(router: Router, { contacts, companySites: sites, clock }: CompanyRouteServices): void {
  async function render({ res, actor, params }: AnyContext, attempt: Attempt): Promise<void> {
    const { t } = res.locals.page;
    const contact = await contacts.read(actor, params['id'] ?? '');
    const title = t('companies.contacts.edit', { name: contactName(contact) });
    const form: FormPage = {
      header: {
        title,
        trail: [
          { label: t('common.nav.contacts'), href: contactsUrl() },
          { label: contactName(contact), href: contactUrl(contact.id) },
        ],
      },
      action: editContactUrl(contact.id),
      cancelHref: contactUrl(contact.id),
      draft: `contact:${contact.id}`,
      groups: contactGroups(
        await sites.list(actor, contact.companyId),
        { actor, t },
        { asksStudent: seesLink(contact), siteId: contact.siteId },
      ),
      values: shownValues(contactFormValues(contact)),
      version: Number(attempt.values?.['version'] ?? contact.version),
      submitLabel: t('common.actions.save'),
      ...attempt,
    };
    renderPage(res, {
      view: 'companies/form',
      title,
      status: attempt.conflict ? 409 : res.statusCode,
      locals: presentForm(form, t),
    });
  }

  page(router, {
    path: editContactUrl(':id'),
    permission: 'contacts.update',
    handler: (context) => render(context, {}),
  });

  action(router, {
    path: editContactUrl(':id'),
    permission: 'contacts.update',
    form: contactForm,
    invalid: (context, problem) => render(context, problem),
    handler: async (context) => {
      const { req, res, actor, params, form } = context;
      const { version, original, ...values } = form;
      const id = params['id'] ?? '';
      try {
        await contacts.update(actor, { id, version, values });
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        const theirs = error.current as LockedContact;
        const now = await contacts.read(actor, id);
        const conflict = {
          theirs: {
            ...theirs,
            studentNumber: now.student?.studentNumber ?? null,
            lastContactOn: dayOf(now.lastContactOn),
          },
          version: theirs.version,
          theirsBy: authorOf(await contacts.history(actor, id), 'contact', clock.now(), res.locals.page.lang),
          original,
        };
        await render(context, { values: shownValues(values), conflict });
        return;
      }
      redirectTo(req, res, contactUrl(id), { kind: 'success', key: 'companies.flash.saved' });
    },
  });
}

/** A link to a former student whom the actor may not see is not asked about, and stays. */
function seesLink(contact: ContactRow): boolean {
  return !contact.isLinked || contact.student !== null;
}

/** What is known of the person being typed; null while neither name nor address is. */
function typedPerson(values: Readonly<Record<string, unknown>>) {
  const text = (name: string) => (typeof values[name] === 'string' ? values[name].trim() : '');
  const person = {
    lastName: text('lastName'),
    firstName: text('firstName') || null,
    email: text('email').toLowerCase() || null,
  };
  return person.lastName === '' && person.email === null ? null : person;
}
