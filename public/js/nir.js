// A social-security number typed in the search of a list goes to the search over everything, which sends it by POST: an address
// would keep it. One that is nearly complete waits: its last characters follow from the others.

const WRITTEN = /(?<!\d)[1-478]\d{2}(?:0[1-9]|1[0-2]|[23]\d|4[0-2]|[5-9]\d)(?:\d{2}|2[ab])\d{6}(\d{0,2})(?!\d)/i;

/** 'whole', 'nearly', or null when a text holds no such number. */
function nirIn(text) {
  const found = WRITTEN.exec(String(text).replace(/[\s.\p{Pd}\p{Cf}]/gu, ''));
  if (!found) return null;
  return found[1].length === 2 ? 'whole' : 'nearly';
}

/** Sends a text by the search over everything. */
function searchEverywhere(text) {
  const box = document.getElementById('global-search');
  if (!box) return;
  box.value = text;
  box.form.requestSubmit();
}

/** Keeps a request from leaving when its address would hold a number. @returns true when it was kept */
function keepBack(values, isFinished, path) {
  for (const value of values) {
    const nir = nirIn(value);
    // Fourteen digits are also the number of an establishment.
    if (nir === null || (nir === 'nearly' && (isFinished || path.startsWith('/entreprises')))) continue;
    if (nir === 'whole') searchEverywhere(value);
    return true;
  }
  return false;
}

document.addEventListener('htmx:configRequest', (event) => {
  const { verb, parameters, path } = event.detail;
  if (verb === 'get' && keepBack(Object.values(parameters), false, path)) event.preventDefault();
});

document.addEventListener(
  'submit',
  (event) => {
    const form = event.target;
    if (form.method !== 'get') return;
    const values = [...new FormData(form).values()].filter((value) => typeof value === 'string');
    if (!keepBack(values, true, form.action)) return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);
