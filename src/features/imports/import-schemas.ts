import { z } from 'zod';
import { checkbox, listOf, versionField } from '../../http/forms.ts';
import { isId } from '../../shared/ids.ts';
import { isRowErrorCode, isRowWarningCode, type RowIssueCode } from '../../shared/issue-codes.ts';
import { ROW_OUTCOMES } from './batch-totals.ts';

/** What an address does not know is as if it were not there: an old link still opens the page. */
const orNull = <Schema extends z.ZodType>(schema: Schema) => schema.nullable().catch(null).default(null);
const place = orNull(
  z
    .string()
    .max(200)
    .regex(/^[\w-]+$/),
);
const recordId = orNull(z.string().refine(isId));
const search = z.string().max(200).catch('').default('');

/** Groups of states that the list of batches can be narrowed to. */
export const BATCH_STATE_GROUPS = {
  'a-traiter': ['ready', 'needs_confirmation'],
  'en-cours': ['reading', 'applying', 'cancelling'],
  importes: ['applied'],
  annules: ['cancelled'],
  echecs: ['refused', 'failed'],
  abandonnes: ['discarded'],
} as const;

export type BatchStateGroup = keyof typeof BATCH_STATE_GROUPS;

/** Sources by their French name in addresses. */
export const SOURCE_NAMES = { etudiants: 'students', entreprises: 'companies', notes: 'grades' } as const;

export const importListQuery = z.object({
  q: search,
  etat: orNull(z.enum(Object.keys(BATCH_STATE_GROUPS) as [BatchStateGroup, ...BatchStateGroup[]])),
  source: orNull(z.enum(['etudiants', 'entreprises', 'notes'])),
  tri: z.enum(['date', '-date']).catch('-date'),
  apres: place,
  avant: place,
});

export type ImportListQuery = z.output<typeof importListQuery>;

const isIssueCode = (text: string): text is RowIssueCode => isRowErrorCode(text) || isRowWarningCode(text);

export const batchQuery = z.object({
  resultat: orNull(z.enum(ROW_OUTCOMES)),
  code: orNull(z.string().refine(isIssueCode)),
  apres: place,
  avant: place,
});

export type BatchQuery = z.output<typeof batchQuery>;

export const pagedQuery = z.object({ apres: place, avant: place });

export const newImportQuery = z.object({ forcer: orNull(z.literal('1')) });

/** `fichier` is the multipart file; `companies` reads GetEnt and takes none. */
export const newImportForm = z.strictObject({
  source: z.enum(['students', 'companies'], 'imports.form.source_unknown'),
  forcer: checkbox,
});

export const versionForm = z.strictObject({ version: versionField });

/** Longer than any cell that a rule accepts: what is too long says so cell by cell. */
const cell = z.string().max(5_000).optional();

/** Cells of a rejected row, retyped: those of the students' file, or those of GetEnt. An absent one stays as it was read. */
export const correctionForm = z.strictObject({
  name: cell,
  nir: cell,
  status: cell,
  address: cell,
  company: cell,
  phones: cell,
  cursus: cell,
  email: cell,
  studentNumber: cell,
  nom: cell,
  adresse: cell,
  mail: cell,
  telephone: cell,
});

export const conflictListQuery = z.object({ q: search, fiche: recordId, lot: recordId, apres: place, avant: place });

export type ConflictListQuery = z.output<typeof conflictListQuery>;

/** `requete` is the list's query string, which every selection carries. */
export const conflictDecisionForm = z.strictObject({
  ids: listOf(z.string().refine(isId)).refine(
    (ids) => ids.length > 0 && ids.length <= 100,
    'imports.conflicts.none_chosen',
  ),
  requete: z.string().max(2_000).optional(),
});
