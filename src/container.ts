/** Composition root: every service is built once, here, for the process. */
import type { Config } from './config.ts';
import { openDatabase, type Database } from './db/client.ts';
import { pendingMigrations } from './db/migrate.ts';
import {
  createAccountService,
  createPasswordProof,
  createPasswordService,
  createSecondFactorService,
  createSessionService,
  createSignInService,
  createThrottle,
} from './features/access/index.ts';
import { createAuditService, createJournalService, verifyChains } from './features/audit/index.ts';
import {
  createCompanyList,
  createCompanyService,
  createContactList,
  createContactService,
  createSiteService,
} from './features/companies/index.ts';
import {
  createDuplicateScanService,
  createDuplicateService,
  createMergeService,
  createMergeUndoService,
} from './features/duplicates/index.ts';
import { createHomeService } from './features/home/index.ts';
import { createImportService } from './features/imports/index.ts';
import { createListService } from './features/lists/index.ts';
import { companySource, contactSource, createSearchService, studentSource } from './features/search/index.ts';
import { createNoteService } from './features/notes/index.ts';
import { createRoleService } from './features/roles/index.ts';
import { createSettingsService } from './features/settings/index.ts';
import {
  CHECK_LIMIT,
  createCareerService,
  createEnrolmentService,
  createNirChecks,
  createNirRevealService,
  createNirVault,
  createStudentCreationService,
  createStudentEditService,
  createStudentLists,
  createStudentRecordService,
  REVEAL_LIMIT,
} from './features/students/index.ts';
import { createTagService } from './features/tags/index.ts';
import { createAccountChangeService, createUserService } from './features/users/index.ts';
import { createJobs } from './jobs/job-list.ts';
import { createLeases } from './jobs/leases.ts';
import { createOutbox } from './jobs/outbox.ts';
import { createScheduler } from './jobs/scheduler.ts';
import { createLogger, type Logger } from './log.ts';
import { systemClock, type Clock } from './shared/clock.ts';

export interface ContainerOptions {
  readonly clock?: Clock;
  readonly log?: Logger;
  /** Seconds after which the import of a process that gives no sign of life is taken over; rows of one of its transactions. */
  readonly imports?: { readonly leaseSeconds?: number; readonly chunkRows?: number };
}

export type Services = ReturnType<typeof createServices>;

/** Names what keeps the process from serving: the database, or migrations not applied. */
function readiness(database: Database): () => Promise<readonly string[]> {
  let migrated = false;
  return async () => {
    try {
      await database.pool.query('SELECT 1');
      migrated ||= (await pendingMigrations(database.pool)).length === 0;
      return migrated ? [] : ['migrations'];
    } catch {
      return ['database'];
    }
  };
}

/** Builds the services of a process that runs the administrative site, the worker or the command line. */
export function createServices(config: Config, options: ContainerOptions = {}) {
  const clock = options.clock ?? systemClock;
  const log = options.log ?? createLogger(config.logLevel);
  const database = openDatabase(config.databaseUrl);
  const audit = createAuditService({ site: config.site, fieldKeys: config.keys.field, clock });
  const journal = createJournalService({ database, audit, fieldKeys: config.keys.field });
  const outbox = createOutbox({ database, site: config.site, fieldKeys: config.keys.field, clock });
  const settings = createSettingsService({ database, audit, clock });
  const throttle = createThrottle(config.databaseUrl, `${config.site}:admin`);
  const accounts = createAccountService({ database, audit, clock });
  const signIn = createSignInService({ database, audit, clock, throttle });
  const proof = createPasswordProof(throttle);
  const secondFactor = createSecondFactorService({
    database,
    audit,
    clock,
    throttle,
    fieldKeys: config.keys.field,
    proof,
  });
  const passwords = createPasswordService({
    database,
    audit,
    outbox,
    clock,
    throttle,
    proof,
    publicUrl: config.publicAdminUrl,
  });
  const sessions = createSessionService({ database, audit });
  const accountChanges = createAccountChangeService({
    database,
    audit,
    outbox,
    clock,
    passwords,
    publicUrl: config.publicAdminUrl,
  });
  const users = createUserService({ database, audit, clock, passwords, changes: accountChanges });
  const roles = createRoleService({ database, audit, clock });
  const companies = createCompanyService({ database, audit, journal });
  const companySites = createSiteService({ database, audit });
  const contacts = createContactService({ database, audit, journal, clock });
  const companyList = createCompanyList({ database, clock });
  const contactList = createContactList({ database, clock });
  const notes = createNoteService({ database, audit, clock });
  const home = createHomeService({ database, clock });
  const { nir: nirKeys, nirIndex: indexKeys } = config.keys;
  const nirVault = nirKeys && indexKeys ? createNirVault({ nirKeys, indexKeys }) : null;
  if (!nirVault) throw new Error('A process of the administrative side needs NIR_KEY and NIR_INDEX_KEY');
  const leases = createLeases({ database, site: config.site });
  const imports = createImportService({
    database,
    audit,
    outbox,
    settings,
    clock,
    vault: nirVault,
    leases,
    log,
    dataDir: config.dataDir,
    publicAdminUrl: config.publicAdminUrl,
    getentUrl: config.getentUrl,
    studentFile: config.studentFile,
    leaseSeconds: options.imports?.leaseSeconds ?? 20,
    chunkRows: options.imports?.chunkRows ?? 1_000,
    worksHere: config.sites.has('worker'),
  });
  const tags = createTagService({ database, audit });
  const lists = createListService({ database, audit, clock });
  const studentLists = createStudentLists({ database, clock, nirVault });
  const studentRecords = createStudentRecordService({ database, audit, journal, tags, vault: nirVault });
  const nirChecks = createNirChecks({ database, audit, counter: throttle.counter('nir-check', CHECK_LIMIT) });
  const studentEdits = createStudentEditService({ database, audit, clock, vault: nirVault, nirChecks });
  const studentCreation = createStudentCreationService({
    database,
    audit,
    clock,
    vault: nirVault,
    settings,
    nirChecks,
  });
  const enrolments = createEnrolmentService({ database, audit });
  const careers = createCareerService({ database, audit });
  const nirReveal = createNirRevealService({
    database,
    audit,
    vault: nirVault,
    counter: throttle.counter('nir', REVEAL_LIMIT),
  });
  const fieldKeys = config.keys.field;
  const duplicateScans = createDuplicateScanService({ database, audit, nirVault });
  const duplicates = createDuplicateService({ database, audit, scans: duplicateScans, nirVault });
  const merges = createMergeService({ database, audit, clock, fieldKeys, nirVault });
  const mergeUndo = createMergeUndoService({ database, audit, settings, clock, fieldKeys, nirVault });
  const jobs = createScheduler({
    database,
    site: config.site,
    clock,
    log,
    leases,
    jobs: createJobs({
      database,
      site: config.site,
      settings,
      imports,
      duplicateScans,
      mergeUndo,
      studentFile: config.studentFile,
      getentUrl: config.getentUrl,
    }),
  });
  const search = createSearchService({
    sources: [
      studentSource(lists, studentLists.students),
      companySource(lists, companyList),
      contactSource(lists, contactList),
    ],
  });
  return {
    config,
    clock,
    log,
    database,
    audit,
    journal,
    /** Walks the journal's chains: the first broken link, if any. */
    verifyJournal: () => verifyChains(database, config.keys.field),
    companies,
    companySites,
    contacts,
    companyList,
    contactList,
    notes,
    outbox,
    settings,
    throttle,
    accounts,
    signIn,
    secondFactor,
    passwords,
    sessions,
    users,
    accountChanges,
    roles,
    home,
    nirVault,
    imports,
    tags,
    lists,
    studentLists,
    studentRecords,
    studentEdits,
    studentCreation,
    enrolments,
    careers,
    nirReveal,
    search,
    duplicateScans,
    duplicates,
    merges,
    mergeUndo,
    jobs,
    missing: readiness(database),
    async close() {
      await jobs.stop();
      await imports.stop();
      await throttle.close();
      await database.close();
    },
  };
}

export type PortalServices = ReturnType<typeof createPortalServices>;

/** Builds the services of the student site, on its own database account. */
export function createPortalServices(config: Config, options: ContainerOptions = {}) {
  const clock = options.clock ?? systemClock;
  const log = options.log ?? createLogger(config.logLevel);
  const database = openDatabase(config.portalDatabaseUrl);
  const audit = createAuditService({ site: config.site, fieldKeys: config.keys.field, clock });
  const settings = createSettingsService({ database, audit, clock });
  const throttle = createThrottle(config.portalDatabaseUrl, `${config.site}:portal`);
  return {
    log,
    database,
    settings,
    throttle,
    missing: readiness(database),
    async close() {
      await throttle.close();
      await database.close();
    },
  };
}
