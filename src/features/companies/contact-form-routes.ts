/** Making a contact by hand, with the warning that one looks known, and changing one. */
import type { Router } from 'express';
import { action, page } from '../../http/declared-routes.ts';
import type { FieldErrors } from '../../http/forms.ts';
import { redirectTo } from '../../http/redirects.ts';
import { renderFragment, renderPage } from '../../http/render.ts';
import { ConflictError } from '../../shared/errors.ts';
import { dayOf } from '../../shared/dates.ts';
import { presentForm, shownValues, type FormPage } from './form-page.ts';
import { authorOf, openRecord, type CompanyRouteServices } from './company-page.ts';
import { contactFormValues, contactGroups } from './contact-form-presenter.ts';
import { contactName } from './contact-presenter.ts';
import type { ContactRow, LockedContact } from './contact-queries.ts';
import { contactForm, draftContactForm, newContactForm } from './contact-schemas.ts';
import { watched } from './form-fields.ts';
import { presentSimilarContacts } from './similar-presenter.ts';
import type { PageRequest } from './tag-routes.ts';
import {
  companiesUrl,
  companyUrl,
  contactsUrl,
  contactUrl,
  editContactUrl,
  newContactUrl,
  similarContactsUrl,
} from './urls.ts';

interface Attempt {
  readonly values?: Readonly<Record<string, unknown>>;
  readonly errors?: FieldErrors;
  readonly formError?: string | null;
  readonly conflict?: FormPage['conflict'];
}

export function declareContactForms(router: Router, services: CompanyRouteServices): void {
  declareCreation(router, services);
  declareEdition(router, services);
}

/** Fields that tell people apart: the warning is asked again while one types in them. */
const TELLING: ReadonlySet<string> = new Set(['lastName', 'firstName', 'email']);

function declareCreation(router: Router, services: CompanyRouteServices): void {
  const { contacts, companySites: sites } = services;

  async function similarTo({ res, actor }: PageRequest, companyId: string, values: Readonly<Record<string, unknown>>) {
    const person = typedPerson(values);
    const found = person ? await contacts.similarTo(actor, companyId, person) : [];
    return presentSimilarContacts(found, { t: res.locals.page.t, insisted: values['despite'] === '1' });
  }

  async function render(context: PageRequest, attempt: Attempt): Promise<void> {
    const record = await openRecord(services, context, 'contacts');
    if (!record) return;
    const { res, actor } = context;
    const { t } = res.locals.page;
    const { company } = record;
    const values = { contactRole: 'other', ...attempt.values };
    const similar = await similarTo(context, company.id, values);
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
      groups: watched(
        contactGroups(await sites.list(actor, company.id), { actor, t }, { asksStudent: true, siteId: null }),
        TELLING,
        { 'hx-post': similarContactsUrl(company.id) },
      ),
      version: null,
      submitLabel: t('companies.contacts.submit'),
      similar,
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

  // Asked by POST: names and addresses of people have no place in an address, nor in the logs that keep addresses.
  action(router, {
    path: similarContactsUrl(':id'),
    permission: 'contacts.create',
    form: draftContactForm,
    handler: async (context) => {
      const record = await openRecord(services, context, 'contacts');
      if (!record) return;
      const similar = await similarTo(context, record.company.id, context.form);
      const { res } = context;
      res.type('html').send(renderFragment(res.locals.page, 'companies/_similar', { similar }).toString());
    },
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
  async function render({ res, actor, params }: PageRequest, attempt: Attempt): Promise<void> {
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
