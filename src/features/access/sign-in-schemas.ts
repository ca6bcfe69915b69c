import { z } from 'zod';

const suite = z.string().max(2000).optional();

/** The two steps of the door in one form: address and password, then the code where a second factor is on (or all at once). */
export const signInForm = z
  .strictObject({
    email: z.string().trim().max(191).optional(),
    password: z.string().max(200).optional(),
    code: z.string().trim().max(40).optional(),
    suite,
  })
  .superRefine((form, context) => {
    const missing = (field: 'email' | 'password' | 'code'): void =>
      context.addIssue({ code: 'custom', path: [field], message: 'errors.field.required' });
    if (form.email === undefined && form.password === undefined && form.code !== undefined) {
      if (form.code === '') missing('code');
      return;
    }
    if (!form.email) missing('email');
    if (!form.password) missing('password');
  });

export type SignInForm = z.output<typeof signInForm>;

export const signInQuery = z.object({
  suite: suite.catch(undefined),
  /** Present: a recovery code is asked rather than one of the application. */
  secours: z.string().optional().catch(undefined),
});

export const forgottenForm = z.strictObject({ email: z.string().trim().min(1).max(191) });

/** A new password, typed twice. */
export const newPassword = {
  password: z.string().min(1).max(1000),
  passwordAgain: z.string().min(1).max(1000),
};

export const sameTwice = (form: { password: string; passwordAgain: string }): boolean =>
  form.password === form.passwordAgain;

export const mismatch = { path: ['passwordAgain'], message: 'errors.password.mismatch' };

export const resetForm = z.strictObject(newPassword).refine(sameTwice, mismatch);
