// The keyboard: shortcuts of the page, moving through rows and suggestions. Nothing here is reachable only this way.

const typing = (element) =>
  element.matches('input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable]');
const rowLinks = () =>
  [...document.querySelectorAll('[data-table] [data-row-link]')].filter((link) => link.checkVisibility());

function moveBetween(elements, step) {
  const index = elements.indexOf(document.activeElement);
  const next = index === -1 ? (step > 0 ? 0 : elements.length - 1) : index + step;
  elements[next]?.focus();
  return next >= 0 && next < elements.length;
}

function toggleRow(event) {
  const box = event.target.closest('tr')?.querySelector('[data-row-select]');
  if (!box || !event.target.matches('[data-row-link]')) return false;
  box.click();
  return true;
}

function followShortcut(key) {
  const target = [...document.querySelectorAll(`[data-shortcut="${CSS.escape(key)}"]`)].find((each) =>
    each.checkVisibility(),
  );
  target?.click();
  return target !== undefined;
}

const plainKeys = {
  '/': () => {
    const search = document.querySelector('[data-list-search]') ?? document.getElementById('global-search');
    search?.focus();
    search?.select();
    return Boolean(search);
  },
  '?': () => {
    document.getElementById('shortcuts')?.showModal();
    return true;
  },
  ArrowDown: () => moveBetween(rowLinks(), 1),
  ArrowUp: () => moveBetween(rowLinks(), -1),
  j: () => moveBetween(rowLinks(), 1),
  k: () => moveBetween(rowLinks(), -1),
  ' ': toggleRow,
};

function suggestionKeys(event) {
  const box = event.target.closest('[data-global-search]');
  if (!box) return false;
  const choices = [document.getElementById('global-search'), ...box.querySelectorAll('.suggestion')];
  if (event.key === 'ArrowDown') return moveBetween(choices, 1);
  if (event.key === 'ArrowUp') return moveBetween(choices, -1);
  if (event.key === 'Escape') {
    document.activeElement.blur();
    return true;
  }
  return false;
}

document.addEventListener('keydown', (event) => {
  const command = event.ctrlKey || event.metaKey;
  if (command && event.key.toLowerCase() === 'k') {
    const search = document.getElementById('global-search');
    if (!search) return;
    event.preventDefault();
    search.focus();
    search.select();
    return;
  }
  if (command && event.key.toLowerCase() === 's') {
    const form = document.querySelector('form[data-guard]');
    if (!form) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector('[data-submit]'));
    return;
  }
  if (command || event.altKey || document.querySelector('dialog[open]')) return;
  if (suggestionKeys(event)) {
    event.preventDefault();
    return;
  }
  // From the search box of a list, the arrow goes down into its rows.
  if (event.key === 'ArrowDown' && event.target.matches('[data-list-search]')) {
    if (moveBetween(rowLinks(), 1)) event.preventDefault();
    return;
  }
  if (typing(event.target) || event.target.closest('details.menu[open], [data-matrix]')) return;
  const handled = plainKeys[event.key]?.(event) || (event.key.length === 1 && followShortcut(event.key));
  if (handled) event.preventDefault();
});
