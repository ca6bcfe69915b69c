import type { Router } from 'express';
import { createRouter } from '../../http/declared-routes.ts';
import { declareBulkTags, declareList, type ListService } from '../lists/index.ts';
import type { TagService } from '../tags/index.ts';
import type { CompanyList } from './company-list.ts';
import type { ContactList } from './contact-list.ts';
import { companiesLook, contactsLook } from './list-presenter.ts';

/** The lists of companies and contacts: pages, JSON, exports, tags on a selection. */
export function companyListRoutes(services: {
  lists: ListService;
  tags: TagService;
  companyList: CompanyList;
  contactList: ContactList;
}): Router {
  const router = createRouter();
  const companies = { definition: services.companyList, look: companiesLook };
  const contacts = { definition: services.contactList, look: contactsLook };
  declareList(router, services, companies);
  declareBulkTags(router, services, companies);
  declareList(router, services, contacts);
  declareBulkTags(router, services, contacts);
  return router;
}
