/** The forms of a company and of its sites, as the view `companies/form` takes them. */
import type { Language, Translate } from '../../i18n/index.ts';
import { countryOptions } from '../../shared/countries.ts';
import { HEADCOUNT_CODES, RELATION_STAGES, type CompanyFieldGroup } from './company-fields.ts';
import { watched, type FieldGroupSpec, type FieldSpec } from './form-fields.ts';
import type { CompanySection } from './urls.ts';

export interface FormContext {
  readonly t: Translate;
  readonly lang: Language;
}

/** Part of the address → group of fields. */
export const SECTION_GROUPS: Readonly<Record<CompanySection, CompanyFieldGroup>> = {
  identite: 'identity',
  coordonnees: 'contact',
  relation: 'relation',
};

const addressFields = ({ t, lang }: FormContext): FieldSpec[] => [
  { name: 'street', label: t('companies.fields.street'), maxlength: 255, autocomplete: 'off' },
  {
    name: 'postcode',
    label: t('companies.fields.postcode'),
    maxlength: 16,
    span: 'third',
    inputmode: 'numeric',
    autocomplete: 'off',
  },
  { name: 'city', label: t('companies.fields.city'), maxlength: 120, span: 'two-thirds', autocomplete: 'off' },
  {
    name: 'country',
    label: t('companies.fields.country'),
    kind: 'select',
    choices: countryOptions(lang),
    span: 'half',
  },
];

function identityGroups(context: FormContext): FieldGroupSpec[] {
  const { t } = context;
  return [
    {
      title: t('companies.groups.identity'),
      fields: [
        { name: 'name', label: t('companies.fields.name'), required: true, maxlength: 255, autocomplete: 'off' },
        {
          name: 'siren',
          label: t('companies.fields.siren'),
          hint: t('companies.hints.siren'),
          maxlength: 30,
          span: 'half',
          inputmode: 'numeric',
          autocomplete: 'off',
        },
        {
          name: 'nafCode',
          label: t('companies.fields.nafCode'),
          hint: t('companies.hints.naf'),
          maxlength: 10,
          span: 'half',
          autocomplete: 'off',
        },
        { name: 'sector', label: t('companies.fields.sector'), maxlength: 120, span: 'half', autocomplete: 'off' },
        {
          name: 'headcountCode',
          label: t('companies.fields.headcountCode'),
          kind: 'select',
          emptyOption: t('companies.unknown_headcount'),
          choices: HEADCOUNT_CODES.map((value) => ({ value, label: t(`companies.headcounts.${value}`) })),
          span: 'half',
        },
      ],
    },
    { title: t('companies.groups.seat'), fields: addressFields(context) },
  ];
}

function contactGroups({ t }: FormContext): FieldGroupSpec[] {
  return [
    {
      title: t('companies.groups.contact'),
      fields: [
        {
          name: 'email',
          label: t('companies.fields.email'),
          kind: 'email',
          hint: t('companies.hints.email'),
          maxlength: 191,
          span: 'half',
          autocomplete: 'off',
        },
        {
          name: 'phone',
          label: t('companies.fields.phone'),
          kind: 'tel',
          hint: t('companies.hints.phone'),
          maxlength: 60,
          span: 'half',
          autocomplete: 'off',
        },
        {
          name: 'website',
          label: t('companies.fields.website'),
          maxlength: 255,
          inputmode: 'url',
          autocomplete: 'off',
        },
      ],
    },
  ];
}

function relationGroups({ t }: FormContext): FieldGroupSpec[] {
  return [
    {
      title: t('companies.groups.relation'),
      fields: [
        {
          name: 'relationStage',
          label: t('companies.fields.relationStage'),
          kind: 'radio',
          choices: RELATION_STAGES.map((value) => ({
            value,
            label: t(`companies.stages.${value}`),
            hint: t(`companies.stage_hints.${value}`),
          })),
        },
        {
          name: 'openToStudents',
          label: t('companies.fields.openToStudents'),
          kind: 'checkbox',
          hint: t('companies.hints.open'),
        },
      ],
    },
  ];
}

const SECTION_FIELDS: Readonly<Record<CompanySection, (context: FormContext) => FieldGroupSpec[]>> = {
  identite: identityGroups,
  coordonnees: contactGroups,
  relation: relationGroups,
};

/** Fields of a section of the record. */
export function sectionGroups(section: CompanySection, context: FormContext): FieldGroupSpec[] {
  return SECTION_FIELDS[section](context);
}

/** Fields that tell companies apart. */
const TELLING: ReadonlySet<string> = new Set(['name', 'siren', 'phone', 'email', 'postcode']);

/** Fields of a new company that the actor may fill; each looks for look-alikes while one types. */
export function newCompanyGroups(
  groups: ReadonlySet<string>,
  context: FormContext,
  similarUrl: string,
): FieldGroupSpec[] {
  const asked = [
    ...identityGroups(context),
    ...(groups.has('contact') ? contactGroups(context) : []),
    ...(groups.has('relation') ? relationGroups(context) : []),
  ].map((group) => ({
    ...group,
    fields: group.fields.map((field) => (field.name === 'name' ? { ...field, autofocus: true } : field)),
  }));
  return watched(asked, TELLING, { 'hx-get': similarUrl });
}

/** Fields of a site. */
export function siteGroups(groups: ReadonlySet<string>, context: FormContext): FieldGroupSpec[] {
  const { t } = context;
  return [
    {
      title: t('companies.sites.identity'),
      fields: [
        {
          name: 'label',
          label: t('companies.fields.label'),
          hint: t('companies.hints.label'),
          required: true,
          maxlength: 160,
          autocomplete: 'off',
        },
        {
          name: 'siret',
          label: t('companies.fields.siret'),
          hint: t('companies.hints.siret'),
          maxlength: 40,
          inputmode: 'numeric',
          autocomplete: 'off',
        },
        ...addressFields(context),
      ],
    },
    ...(groups.has('contact')
      ? [
          {
            title: t('companies.groups.contact'),
            fields: [
              {
                name: 'phone',
                label: t('companies.fields.phone'),
                kind: 'tel',
                maxlength: 60,
                span: 'half',
                autocomplete: 'off',
              },
              {
                name: 'email',
                label: t('companies.fields.email'),
                kind: 'email',
                maxlength: 191,
                span: 'half',
                autocomplete: 'off',
              },
            ] as const satisfies FieldSpec[],
          },
        ]
      : []),
  ];
}
