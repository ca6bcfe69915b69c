// Nothing typed is lost. A form with data-guard warns before its page is left with changes; one with data-draft="KEY" also
// keeps what is typed in this tab (sessionStorage) until it has been saved, and offers it back: after a session that
// ended, an error, a closed dialog. Fields with data-no-draft (passwords, files, masked values) are never kept.

const { body } = document;
const owner = body.dataset.actor ?? '';
const DRAFT = 'draft:';
const keyOf = (form) => `${DRAFT}${owner}:${form.dataset.draft}`;

function readStore(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
}

function writeStore(key, value) {
  try {
    if (value === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Storage is full or refused: the warning before leaving still protects what is typed.
  }
}

const keptFields = (form) =>
  [...form.elements].filter(
    (field) => field.name && field.type !== 'hidden' && field.type !== 'submit' && !('noDraft' in field.dataset),
  );

function snapshot(form) {
  return keptFields(form).map((field) => {
    const state = ['checkbox', 'radio'].includes(field.type) ? field.checked : field.value;
    return [field.name, ['checkbox', 'radio'].includes(field.type) ? field.value : null, state];
  });
}

function restore(form, fields) {
  const remaining = keptFields(form);
  for (const [name, value, state] of fields) {
    const index = remaining.findIndex((field) => field.name === name && (value === null || field.value === value));
    if (index === -1) continue;
    const [field] = remaining.splice(index, 1);
    if (value === null) field.value = state;
    else field.checked = state;
  }
  form.dispatchEvent(new Event('input', { bubbles: true }));
}

const originals = new WeakMap();
const isChanged = (form) => originals.has(form) && JSON.stringify(snapshot(form)) !== originals.get(form);

function offerDraft(form, draft) {
  const notice = form.querySelector('[data-draft-notice]');
  if (!notice) return;
  notice.querySelector('[data-draft-time]').textContent = new Date(draft.at).toLocaleString(
    document.documentElement.lang,
  );
  notice.hidden = false;
  // What comes back was not saved: another form's success, later, is no answer to it.
  if (draft.submitted) writeStore(keyOf(form), { ...draft, submitted: false });
  notice.querySelector('[data-draft-restore]').addEventListener('click', () => {
    restore(form, draft.fields);
    notice.hidden = true;
  });
  notice.querySelector('[data-draft-forget]').addEventListener('click', () => {
    writeStore(keyOf(form), null);
    notice.hidden = true;
  });
}

function watch(form) {
  if (originals.has(form)) return;
  // data-guard="fresh": its first showing already has errors, of something read elsewhere; nothing was typed yet.
  const refused =
    form.dataset.guard !== 'fresh' &&
    (form.querySelector('[aria-invalid="true"]') !== null || document.querySelector('[data-error-summary]') !== null);
  originals.set(form, JSON.stringify(snapshot(form)));
  if (refused) form.classList.add('is-changed');
  if (!form.dataset.draft) return;
  const draft = readStore(keyOf(form));
  // A refused form comes back with everything that was typed: there is nothing to offer.
  if (draft && !refused && JSON.stringify(draft.fields) !== originals.get(form)) offerDraft(form, draft);
}

function watchAll() {
  document.querySelectorAll('form[data-guard]').forEach(watch);
}

let savingSoon;
document.addEventListener('input', (event) => {
  const form = event.target.form ?? event.target.closest?.('form');
  if (!form?.matches('[data-guard]')) return;
  const changed = isChanged(form);
  form.classList.toggle('is-changed', changed);
  if (!form.dataset.draft) return;
  clearTimeout(savingSoon);
  savingSoon = setTimeout(
    () => writeStore(keyOf(form), changed ? { at: Date.now(), fields: snapshot(form) } : null),
    300,
  );
});

const RESEND_MS = 8000;
let leavingOnPurpose = false;

function allowAgain(form) {
  delete form.dataset.sent;
  form.querySelectorAll('[aria-disabled]').forEach((button) => button.removeAttribute('aria-disabled'));
}

addEventListener('beforeunload', (event) => {
  if (leavingOnPurpose) return;
  if ([...document.querySelectorAll('form[data-guard].is-changed')].length > 0) event.preventDefault();
});

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.matches('[data-clears-drafts]')) forgetDrafts(() => true);
  if (!form.matches('[data-guard]')) return;
  leavingOnPurpose = true;
  clearTimeout(savingSoon);
  if (form.dataset.draft) writeStore(keyOf(form), { at: Date.now(), fields: snapshot(form), submitted: true });
  const button = event.submitter ?? form.querySelector('[data-submit]');
  // Sent once: a second click while the answer is on its way does nothing. After the event, as a disabled button sends no value.
  setTimeout(() => button?.setAttribute('aria-disabled', 'true'));
  form.dataset.sent = 'true';
  // Someone who stopped the page, or whose connection dropped, may send again.
  setTimeout(() => allowAgain(form), RESEND_MS);
});

document.addEventListener(
  'submit',
  (event) => {
    if (event.target.dataset.sent === 'true') event.preventDefault();
  },
  true,
);

// A page kept by the browser and shown again by "back" may send its forms again.
addEventListener('pageshow', (event) => {
  if (!event.persisted) return;
  leavingOnPurpose = false;
  document.querySelectorAll('form[data-sent]').forEach(allowAgain);
});

document.addEventListener('click', (event) => {
  const link = event.target.closest('[data-discard-draft]');
  const form = link?.closest('form');
  if (!form?.dataset.draft) return;
  clearTimeout(savingSoon);
  leavingOnPurpose = true;
  writeStore(keyOf(form), null);
});

function forgetDrafts(matches) {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(DRAFT) && matches(readStore(key))) sessionStorage.removeItem(key);
  }
}

// A submitted draft is forgotten once a page of the application answered: not the sign-in page of an ended session,
// not an error, not the same form refused. The same form shown anew, as where notes are added one after another, must say
// that something was saved: it is also what comes back after a connection that dropped.
if (body.dataset.page === 'app' && owner && !document.querySelector('[data-error-summary]')) {
  const saved = document.querySelector('[data-flash="success"]') !== null;
  const shown = new Set([...document.querySelectorAll('form[data-draft]')].map(keyOf));
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(`${DRAFT}${owner}:`) && readStore(key)?.submitted && (saved || !shown.has(key)))
      sessionStorage.removeItem(key);
  }
}

watchAll();
document.addEventListener('htmx:afterSettle', watchAll);

// The door was shown instead of an answer: nothing was saved, so nothing may be forgotten on the page that follows.
if (body.dataset.page === 'bare') {
  for (const key of Object.keys(sessionStorage)) {
    const draft = key.startsWith(DRAFT) ? readStore(key) : null;
    if (draft?.submitted) writeStore(key, { ...draft, submitted: false });
  }
}

document.querySelector('[data-error-summary]')?.focus();
document.addEventListener('click', (event) => {
  const link = event.target.closest('[data-error-summary] a');
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  field.scrollIntoView({ block: 'center' });
  field.focus({ preventScroll: true });
});

// ---- file fields ----

function showFile(input) {
  const zone = input.closest('[data-dropzone]');
  const file = input.files[0];
  const limit = Number(input.dataset.maxBytes) || Infinity;
  const tooLarge = file !== undefined && file.size > limit;
  zone.toggleAttribute('data-invalid', tooLarge);
  input.setCustomValidity(tooLarge ? input.dataset.textTooLarge : '');
  const size = file
    ? ` (${(file.size / 1_048_576).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 })} ${document.documentElement.lang === 'fr' ? 'Mo' : 'MB'})`
    : '';
  zone.querySelector('[data-dropzone-file]').textContent = tooLarge
    ? input.dataset.textTooLarge
    : file
      ? `${file.name}${size}`
      : '';
  if (tooLarge) input.value = '';
}

document.addEventListener('change', (event) => {
  if (event.target.matches('[data-dropzone] input[type="file"]')) showFile(event.target);
});

for (const name of ['dragenter', 'dragover', 'dragleave', 'drop']) {
  document.addEventListener(name, (event) => {
    const zone = event.target instanceof Element ? event.target.closest('[data-dropzone]') : null;
    zone?.classList.toggle('is-over', name === 'dragenter' || name === 'dragover');
  });
}
