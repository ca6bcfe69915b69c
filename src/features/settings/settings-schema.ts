import { z } from 'zod';

const colour = z.string().regex(/^#[0-9a-f]{6}$/i);

/** Every setting the school may change, with its default: the made-up charter of ACME School. */
export const settingsSchema = {
  brand: z.object({
    schoolName: z.string().min(1).max(80).default('ACME School'),
    productName: z.string().min(1).max(80).default('CRM'),
    primary: colour.default('#1d3461'),
    accent: colour.default('#d98324'),
    /** SVG or PNG as a data address; null: the logo that ships. */
    logo: z.string().max(420_000).nullable().default(null),
  }),
  /** First letters of every student number (import rules §7). */
  studentNumbers: z.object({
    prefix: z
      .string()
      .regex(/^[A-Z]{2}$/)
      .default('AC'),
  }),
  /** Days during which a batch or a merge can be undone. */
  undo: z.object({ days: z.number().int().min(1).max(90).default(30) }),
  /** Shares above which a batch waits for a person (import rules §5). */
  importSafety: z.object({
    rejectedShare: z.number().min(0).max(1).default(0.2),
    rowDrop: z.number().min(0).max(1).default(0.3),
  }),
  /** When the sources are read each day: hours and minutes of Paris. */
  schedules: z.object({
    dailyImport: z
      .string()
      .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/)
      .default('06:00'),
  }),
} as const;

export type SettingName = keyof typeof settingsSchema;
export type SettingValue<Name extends SettingName> = z.output<(typeof settingsSchema)[Name]>;
