/** Programmes and cohorts as forms name them: by their label, in any spelling; one that does not exist is made only on demand. */
import { Prisma } from '../../db/client.ts';
import type { Transaction } from '../../db/transaction.ts';
import type { Actor } from '../../shared/actor.ts';
import { RuleViolation } from '../../shared/errors.ts';
import { newId } from '../../shared/ids.ts';
import { cleanText, foldText } from '../../shared/text.ts';
import type { AuditService } from '../audit/index.ts';
import { ensureProgrammes, programmeKey } from './student-writer.ts';

export interface StudyLabels {
  readonly programme: string | null;
  readonly cohort: string | null;
  /** Make what does not exist yet. */
  readonly create: boolean;
}

export interface Studies {
  readonly programmeId: string | null;
  readonly programme: string | null;
  readonly cohortId: string | null;
  readonly cohort: string | null;
}

interface Named {
  readonly id: string;
  readonly label: string;
}

const refuse = (code: string, field: string, key: string) => new RuleViolation(code, key, { fields: { [field]: key } });
const cohortKey = (label: string) => foldText(label).slice(0, 120);

async function programmeIn(
  tx: Transaction,
  audit: AuditService,
  actor: Actor,
  label: string,
  create: boolean,
): Promise<Named> {
  const key = programmeKey(label);
  if (key === '') throw refuse('PROGRAMME_UNKNOWN', 'programme', 'student-record.errors.label');
  const find = async () =>
    (await tx.query<Named>(Prisma.sql`SELECT id, label FROM programme WHERE label_key = ${key}`))[0];
  const known = await find();
  if (known) return known;
  if (!create) throw refuse('PROGRAMME_UNKNOWN', 'programme', 'student-record.errors.programme_unknown');
  await ensureProgrammes(tx, [label]);
  const made = await find();
  if (!made) throw new Error('The programme just made is gone');
  audit.record(tx, actor, {
    action: 'programme.created',
    subjectType: 'programme',
    subjectId: made.id,
    changes: { name: [null, made.label] },
  });
  return made;
}

async function cohortIn(
  tx: Transaction,
  audit: AuditService,
  actor: Actor,
  { programme, label, create }: { programme: Named; label: string; create: boolean },
): Promise<Named> {
  const key = cohortKey(label);
  if (key === '') throw refuse('COHORT_UNKNOWN', 'cohort', 'student-record.errors.label');
  const find = async () =>
    (
      await tx.query<Named>(
        Prisma.sql`SELECT id, label FROM cohort WHERE programme_id = ${programme.id} AND label_key = ${key}`,
      )
    )[0];
  const known = await find();
  if (known) return known;
  if (!create) throw refuse('COHORT_UNKNOWN', 'cohort', 'student-record.errors.cohort_unknown');
  await tx.execute(
    Prisma.sql`INSERT INTO cohort (id, programme_id, label, label_key) VALUES (${newId()}, ${programme.id}, ${cleanText(label).slice(0, 120)}, ${key}) ON DUPLICATE KEY UPDATE id = id`,
  );
  const made = await find();
  if (!made) throw new Error('The cohort just made is gone');
  audit.record(tx, actor, {
    action: 'cohort.created',
    subjectType: 'cohort',
    subjectId: made.id,
    changes: { name: [null, made.label], programme: [null, programme.label] },
  });
  return made;
}

/**
 * The programme and the cohort that labels name.
 * @throws RuleViolation PROGRAMME_UNKNOWN, COHORT_UNKNOWN (unless `create`), COHORT_ALONE
 */
export async function resolveStudies(
  tx: Transaction,
  audit: AuditService,
  actor: Actor,
  { programme: programmeLabel, cohort: cohortLabel, create }: StudyLabels,
): Promise<Studies> {
  if (!programmeLabel) {
    if (cohortLabel) throw refuse('COHORT_ALONE', 'cohort', 'student-record.errors.cohort_alone');
    return { programmeId: null, programme: null, cohortId: null, cohort: null };
  }
  const programme = await programmeIn(tx, audit, actor, programmeLabel, create);
  const cohort = cohortLabel ? await cohortIn(tx, audit, actor, { programme, label: cohortLabel, create }) : null;
  return {
    programmeId: programme.id,
    programme: programme.label,
    cohortId: cohort?.id ?? null,
    cohort: cohort?.label ?? null,
  };
}
