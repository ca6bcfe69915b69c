import { Prisma } from '../../src/db/client.ts';
import {
  STUDENT_STATUSES,
  parseStudentStatus,
  statusLabel,
  type StudentStatus,
} from '../../src/shared/student-status.ts';
import { readOptions, UsageError, type Command } from './command.ts';

interface ListedStudent {
  studentNumber: string;
  lastName: string;
  firstName: string;
  status: StudentStatus;
  email: string | null;
  personalPhone: string | null;
}

export const studentsList: Command = {
  name: 'students list',
  usage: 'students list [--statut S] [--limit N] [--json]',
  summary: 'lists students in the order of their names',
  async run({ args, services, print }) {
    const { values } = readOptions(args, {
      statut: { type: 'string' },
      limit: { type: 'string' },
      json: { type: 'boolean' },
    });
    const wanted = values.statut === undefined ? null : parseStudentStatus(values.statut.replaceAll('_', ' '));
    if (wanted && !wanted.ok) throw new UsageError(`--statut takes one of: ${STUDENT_STATUSES.join(', ')}`);
    const limit = Number(values.limit ?? 1_000);
    if (!Number.isInteger(limit) || limit < 1) throw new UsageError('--limit takes a whole number from 1');
    const status = wanted?.ok ? Prisma.sql`AND status = ${wanted.status}` : Prisma.empty;
    const students = await services.database.query<ListedStudent>(
      Prisma.sql`SELECT student_number AS studentNumber, last_name AS lastName, first_name AS firstName, status, email, personal_phone AS personalPhone FROM student WHERE archived_at IS NULL AND merged_into_id IS NULL AND restricted_at IS NULL ${status} ORDER BY name_key, id LIMIT ${limit}`,
    );
    const rows = students.map((student) => ({ ...student, status: statusLabel(student.status) }));
    if (values.json) print(JSON.stringify(rows));
    else for (const row of rows) print([row.studentNumber, row.lastName, row.firstName, row.status].join('\t'));
    return 0;
  },
};
