/** What the school sets for itself: a page of short forms, each saved by itself and with a version of its own. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Request, Response, Router } from 'express';
import type { z } from 'zod';
import { action, createRouter, page, type InvalidForm } from '../../http/declared-routes.ts';
import { redirectTo } from '../../http/redirects.ts';
import { renderPage } from '../../http/render.ts';
import type { Actor } from '../../shared/actor.ts';
import { ConflictError } from '../../shared/errors.ts';
import { LOGO_MAX_BYTES, readLogo } from './logo-file.ts';
import * as forms from './settings-form-schemas.ts';
import { presentConflict, presentPreview, settingTexts } from './settings-presenter.ts';
import type { SettingName, SettingValue } from './settings-schema.ts';
import type { SettingsService } from './settings-service.ts';
import * as urls from './urls.ts';

export interface SettingsRoutesServices {
  readonly settings: SettingsService;
  readonly config: { readonly dataDir: string };
}

/** More than a logo may weigh, so that one too heavy is answered with its form rather than with an error page. */
const UPLOAD_MAX_BYTES = 2 * 1_048_576;

interface Save<Name extends SettingName> {
  readonly change: (current: SettingValue<Name>) => SettingValue<Name> | Promise<SettingValue<Name>>;
  readonly version: number;
  /** What was typed. */
  readonly mine: Record<string, string>;
  /** i18n key of the word that follows. */
  readonly done: string;
}

interface PageState {
  /** The setting whose form is answered. */
  readonly name?: SettingName | 'logo';
  readonly problem?: InvalidForm;
  /** What was typed, when someone else saved the same setting meanwhile. */
  readonly conflict?: { readonly mine: Record<string, string> };
  readonly colours?: { readonly primary?: string | undefined; readonly accent?: string | undefined };
}

export function settingsRoutes({ settings, config }: SettingsRoutesServices): Router {
  const router = createRouter();

  async function show(res: Response, { name, problem, conflict, colours }: PageState): Promise<void> {
    const current = await settings.all();
    const { brand } = current.values;
    const typed = (problem?.values ?? {}) as Record<string, string>;
    const savedTexts = settingTexts(current.values);
    const tried = Object.fromEntries(Object.entries(colours ?? {}).filter(([, colour]) => colour !== undefined));
    const fields = {
      ...savedTexts,
      brand: { ...savedTexts.brand, ...tried },
      ...(problem && name && name !== 'logo' ? { [name]: { ...savedTexts[name], ...typed } } : {}),
    };
    const isColour = (text: string): boolean => /^#[0-9a-f]{6}$/i.test(text);
    renderPage(res, {
      view: 'settings/settings',
      title: res.locals.page.t('settings.title'),
      status: conflict ? 409 : problem ? 422 : 200,
      locals: {
        fields,
        versions: current.versions,
        hasLogo: brand.logo !== null,
        logoMaxBytes: LOGO_MAX_BYTES,
        preview: presentPreview(
          {
            primary: isColour(fields.brand.primary) ? fields.brand.primary : brand.primary,
            accent: isColour(fields.brand.accent) ? fields.brand.accent : brand.accent,
          },
          res.locals.page,
        ),
        failed: problem ? name : null,
        errors: problem?.errors ?? {},
        formError: problem?.formError ?? null,
        conflict:
          conflict && name
            ? {
                name,
                fields: presentConflict(conflict.mine, savedTexts[name === 'logo' ? 'brand' : name], res.locals.page),
              }
            : null,
      },
    });
  }

  page(router, {
    path: urls.settingsUrl,
    permission: 'settings.manage',
    query: forms.previewQuery,
    handler: ({ res, query }) => show(res, { colours: query }),
  });

  page(router, {
    path: urls.brandUrl,
    permission: 'settings.manage',
    handler: async ({ res }) => {
      const { t } = res.locals.page;
      renderPage(res, {
        view: 'components/confirm-page',
        title: t('settings.reset.title'),
        locals: {
          id: 'reset-brand',
          title: t('settings.reset.title'),
          message: t('settings.reset.message'),
          action: urls.brandUrl,
          fields: { _method: 'delete', version: (await settings.all()).versions.brand },
          confirmLabel: t('settings.reset.label'),
          icon: 'restore',
          cancelHref: urls.settingsUrl,
        },
      });
    },
  });

  /** Saves, then shows the page again; both versions side by side when someone else saved the same setting first. */
  async function save<Name extends SettingName>(
    { req, res, actor }: { req: Request; res: Response; actor: Actor },
    name: Name,
    { change, version, mine, done }: Save<Name>,
  ): Promise<void> {
    try {
      await settings.set(actor, name, await change((await settings.all()).values[name]), version);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      await show(res, { name, conflict: { mine } });
      return;
    }
    redirectTo(req, res, urls.settingsUrl, { kind: 'success', key: done });
  }

  /** A form of one setting. `change` makes the value to save from the one that stands and from what was typed. */
  function settingForm<Name extends SettingName, Form extends z.ZodType<{ version: number }>>(declaration: {
    readonly path: string;
    readonly method?: 'post' | 'delete';
    readonly name: Name;
    readonly form: Form;
    readonly change: (current: SettingValue<Name>, form: z.output<Form>) => SettingValue<Name>;
    readonly done: string;
  }): void {
    const { path, method = 'post', name, form: schema, change, done } = declaration;
    action(router, {
      path,
      method,
      permission: 'settings.manage',
      form: schema,
      invalid: ({ res }, problem) => show(res, { name, problem }),
      handler: ({ form, ...context }) =>
        save(context, name, {
          change: (current) => change(current, form),
          version: form.version,
          mine: asTexts(context.req.body),
          done,
        }),
    });
  }

  settingForm({
    path: urls.brandUrl,
    name: 'brand',
    form: forms.brandForm,
    change: ({ logo }, { version: _version, ...brand }) => ({ ...brand, logo }),
    done: 'settings.flash.saved',
  });
  settingForm({
    path: urls.brandUrl,
    method: 'delete',
    name: 'brand',
    form: forms.versionForm,
    change: () => settings.defaultOf('brand'),
    done: 'settings.flash.reset',
  });
  settingForm({
    path: urls.logoUrl,
    method: 'delete',
    name: 'brand',
    form: forms.versionForm,
    change: (brand) => ({ ...brand, logo: null }),
    done: 'settings.flash.logo_removed',
  });
  settingForm({
    path: urls.studentNumbersUrl,
    name: 'studentNumbers',
    form: forms.studentNumbersForm,
    change: (_current, { prefix }) => ({ prefix }),
    done: 'settings.flash.saved',
  });
  settingForm({
    path: urls.undoUrl,
    name: 'undo',
    form: forms.undoForm,
    change: (_current, { days }) => ({ days }),
    done: 'settings.flash.saved',
  });
  settingForm({
    path: urls.importSafetyUrl,
    name: 'importSafety',
    form: forms.importSafetyForm,
    change: (_current, form) => ({ rejectedShare: form.rejectedShare / 100, rowDrop: form.rowDrop / 100 }),
    done: 'settings.flash.saved',
  });
  settingForm({
    path: urls.schedulesUrl,
    name: 'schedules',
    form: forms.schedulesForm,
    change: (_current, { dailyImport }) => ({ dailyImport }),
    done: 'settings.flash.saved',
  });

  action(router, {
    path: urls.logoUrl,
    permission: 'settings.manage',
    form: forms.versionForm,
    upload: { field: 'logo', maxBytes: UPLOAD_MAX_BYTES, folder: join(config.dataDir, 'uploads') },
    invalid: ({ res }, problem) => show(res, { name: 'logo', problem }),
    handler: ({ form, file, ...context }) =>
      save(context, 'brand', {
        change: async (brand) => ({ ...brand, logo: readLogo(file ? await readFile(file.path) : Buffer.alloc(0)) }),
        version: form.version,
        mine: {},
        done: 'settings.flash.logo_saved',
      }),
  });

  return router;
}

/** What was posted, as texts. */
function asTexts(body: unknown): Record<string, string> {
  const fields = Object.entries((body ?? {}) as Record<string, unknown>);
  return Object.fromEntries(fields.filter((field): field is [string, string] => typeof field[1] === 'string'));
}
