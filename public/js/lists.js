// Lists: a click anywhere on a row opens it, the selection and its bar, sticky headings where the table fits its card.

const interactive = 'a, button, input, select, textarea, label, summary, details, [contenteditable]';

document.addEventListener('click', (event) => {
  const row = event.target.closest('[data-table] tbody tr');
  const link = row?.querySelector('[data-row-link]');
  if (!link || event.target.closest(interactive) || String(getSelection())) return;
  if (event.ctrlKey || event.metaKey) window.open(link.href, '_blank', 'noopener');
  else link.click();
});

document.addEventListener('auxclick', (event) => {
  if (event.button !== 1 || event.target.closest(interactive)) return;
  const link = event.target.closest('[data-table] tbody tr')?.querySelector('[data-row-link]');
  if (link) window.open(link.href, '_blank', 'noopener');
});

// ---- selection ----

const boxesOf = (list) => [...list.querySelectorAll('[data-row-select]')];
let lastBox = null;

function showSelection(list) {
  const bar = list.querySelector('[data-bulk]');
  if (!bar) return;
  const boxes = boxesOf(list);
  const checked = boxes.filter((box) => box.checked).length;
  const all = bar.querySelector('[data-select-all]');
  const everyRow = checked === boxes.length && checked > 0;
  if (all) {
    all.closest('label').hidden = !everyRow;
    if (!everyRow) all.checked = false;
  }
  bar.classList.toggle('is-active', checked > 0);
  const number = all?.checked
    ? all.closest('label').textContent.replace(/\D+/g, ' ').trim()
    : checked.toLocaleString(document.documentElement.lang);
  bar.querySelector('[data-bulk-count]').textContent = bar.dataset.textSelected.replace('{n}', number);
  const page = list.querySelector('[data-select-page]');
  page.checked = everyRow;
  page.indeterminate = checked > 0 && !everyRow;
}

document.addEventListener('click', (event) => {
  const box = event.target.closest('[data-row-select]');
  if (box && event.shiftKey && lastBox?.isConnected) {
    const boxes = boxesOf(box.closest('[data-list]'));
    const [from, to] = [boxes.indexOf(lastBox), boxes.indexOf(box)].sort((a, b) => a - b);
    for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
  }
  if (box) lastBox = box;
  const none = event.target.closest('[data-select-none]');
  if (none) {
    const list = none.closest('[data-list]');
    for (const each of boxesOf(list)) each.checked = false;
    showSelection(list);
  }
});

document.addEventListener('change', (event) => {
  const list = event.target.closest('[data-list]');
  if (!list) return;
  if (event.target.matches('[data-select-page]')) for (const box of boxesOf(list)) box.checked = event.target.checked;
  if (event.target.matches('[data-select-page], [data-row-select], [data-select-all]')) showSelection(list);
});

/** Puts the criteria of the address bar in a form, except those the form itself asks and the place in the pages. */
function carryQuery(form) {
  const asked = new Set([...form.elements].filter((field) => field.type !== 'hidden').map((field) => field.name));
  form.querySelectorAll('input[type="hidden"]').forEach((field) => field.remove());
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (asked.has(name) || ['apres', 'avant'].includes(name)) continue;
    form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
  }
}

// ---- forms that act on the list as it is now, not as it was when the page came ----

document.addEventListener(
  'submit',
  (event) => {
    for (const field of event.target.querySelectorAll('[data-current-query]'))
      field.value = location.search.replace(/^\?/, '');
    if (event.target.matches('[data-carry-query]')) carryQuery(event.target);
    if (!event.target.matches('[data-list-form]')) return;
    // Empty criteria stay out of the address.
    const empty = [...event.target.elements].filter((field) => field.name && field.value === '' && !field.disabled);
    for (const field of empty) field.disabled = true;
    setTimeout(() => {
      for (const field of empty) field.disabled = false;
    });
  },
  true,
);

// Enter in the search box goes to the first result instead of asking the same again.
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || !event.target.matches('[data-list-search]')) return;
  const list = event.target.closest('[data-list]');
  const first = list.querySelector('[data-row-link]');
  if (
    !first ||
    list.querySelector('.htmx-request') ||
    event.target.value !== (new URLSearchParams(location.search).get('q') ?? '')
  )
    return;
  event.preventDefault();
  first.focus();
});

// ---- sticky headings ----

function fit() {
  for (const scroll of document.querySelectorAll('.list-card .table-scroll')) {
    const card = scroll.closest('.list-card');
    card.classList.remove('fits');
    card.classList.toggle('fits', scroll.scrollWidth <= scroll.clientWidth + 1);
  }
}

function refresh() {
  fit();
  document.querySelectorAll('[data-list]').forEach(showSelection);
}

refresh();
addEventListener('resize', fit);
document.addEventListener('htmx:afterSettle', refresh);
