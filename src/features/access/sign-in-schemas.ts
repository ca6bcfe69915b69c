import { z } from 'zod';

export const signInForm = z.strictObject({
  email: z.string().trim().min(1).max(191),
  password: z.string().min(1).max(200),
  suite: z.string().max(2000).optional(),
});

export const signInQuery = z.object({ suite: z.string().max(2000).optional().catch(undefined) });
