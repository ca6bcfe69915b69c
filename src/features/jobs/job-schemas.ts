import { z } from 'zod';

const place = z
  .string()
  .max(200)
  .regex(/^[\w-]+$/)
  .nullable()
  .catch(null)
  .default(null);

export const jobsQuery = z.object({
  tache: z
    .string()
    .max(48)
    .regex(/^[\w.:-]+$/)
    .nullable()
    .catch(null)
    .default(null),
  apres: place,
  avant: place,
});

export type JobsQuery = z.output<typeof jobsQuery>;
