// Menus, messages, navigation, theme and small buttons. Everything is delegated from the document, so that parts
// swapped by htmx need no set-up of their own.

const root = document.documentElement;
const { body } = document;
const openMenus = () => document.querySelectorAll('details.menu[open]');

document.addEventListener('click', (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener('keydown', (event) => {
  const menu = event.target instanceof Element ? event.target.closest('details.menu[open]') : null;
  if (event.key === 'Escape') {
    for (const open of openMenus()) open.open = false;
    menu?.querySelector('summary').focus();
    return;
  }
  if (!menu || !['ArrowDown', 'ArrowUp'].includes(event.key) || event.target.matches('input, select, textarea')) return;
  const items = [...menu.querySelectorAll('.menu-item')].filter((item) => item.checkVisibility());
  if (items.length === 0) return;
  event.preventDefault();
  const step = event.key === 'ArrowDown' ? 1 : -1;
  const index = items.indexOf(document.activeElement);
  items[index === -1 ? (step === 1 ? 0 : items.length - 1) : (index + step + items.length) % items.length].focus();
});

// One menu at a time; the first field of a panel takes the focus.
document.addEventListener(
  'toggle',
  (event) => {
    const menu = event.target;
    if (!(menu instanceof HTMLDetailsElement) || !menu.matches('.menu') || !menu.open) return;
    for (const other of openMenus()) if (other !== menu && !other.contains(menu)) other.open = false;
  },
  true,
);

// ---- messages ----

const SHOWN_MS = 7000;

/** Shows a message made by the page itself (a failed request, a copy). `kind` is a flash kind. */
function showMessage(kind, text) {
  const toasts = document.getElementById('flash');
  if (!toasts) return;
  const notice = document.createElement('div');
  notice.className = `notice notice-${kind}`;
  notice.setAttribute('role', kind === 'danger' ? 'alert' : 'status');
  notice.dataset.flash = kind;
  const content = document.createElement('div');
  content.className = 'notice-text';
  content.textContent = text;
  const close = document.createElement('button');
  close.type = 'button';
  close.className = 'notice-close';
  close.dataset.dismiss = '';
  close.setAttribute('aria-label', body.dataset.textClose);
  close.textContent = '×';
  notice.append(content, close);
  toasts.replaceChildren(notice);
  fadeLater(notice);
}

/** Good news goes away by itself unless someone is reading it; the rest stays until it is closed. */
function fadeLater(notice) {
  if (!['success', 'info'].includes(notice.dataset.flash)) return;
  setTimeout(function leave() {
    if (notice.matches(':hover, :focus-within')) setTimeout(leave, 1500);
    else notice.remove();
  }, SHOWN_MS);
}

document.querySelectorAll('[data-flash]').forEach(fadeLater);
document.addEventListener('htmx:oobAfterSwap', () => document.querySelectorAll('[data-flash]').forEach(fadeLater));
document.addEventListener('message', (event) => showMessage(event.detail.kind, event.detail.text));

// ---- buttons ----

const actions = {
  dismiss: (button) => button.closest('.notice').remove(),
  print: () => print(),
  async copy(button) {
    await navigator.clipboard.writeText(button.dataset.copy);
    showMessage('success', body.dataset.textCopied);
  },
  sideCollapse() {
    const collapsed = root.classList.toggle('nav-collapsed');
    document.querySelector('[data-side-collapse]').setAttribute('aria-pressed', String(collapsed));
    try {
      localStorage.setItem('navigation', collapsed ? 'collapsed' : 'open');
    } catch {
      // Storage is refused: the choice lasts as long as the page.
    }
  },
  revealPassword(button) {
    const field = document.getElementById(button.dataset.revealPassword);
    const shown = field.type === 'text';
    field.type = shown ? 'password' : 'text';
    const label = button.dataset.textHide;
    button.dataset.textHide = button.getAttribute('aria-label');
    button.setAttribute('aria-label', label);
    button.title = label;
    const use = button.querySelector('use');
    use.setAttribute('href', use.getAttribute('href').replace(/#.*/, shown ? '#eye' : '#eye-off'));
  },
};

document.addEventListener('click', (event) => {
  const button = event.target.closest(
    '[data-dismiss], [data-print], [data-copy], [data-side-collapse], [data-reveal-password]',
  );
  if (!button) return;
  const name = Object.keys(actions).find((action) => action in button.dataset);
  void actions[name]?.(button);
});

const collapse = document.querySelector('[data-side-collapse]');
collapse?.setAttribute('aria-pressed', String(root.classList.contains('nav-collapsed')));

// The theme changes without reloading, so that nothing being typed is put at risk.
document.addEventListener('submit', async (event) => {
  const form = event.target;
  if (!form.matches('form[action="/preferences/theme"]')) return;
  event.preventDefault();
  const theme = event.submitter.value;
  const answer = await fetch(form.action, {
    method: 'POST',
    body: new URLSearchParams(new FormData(form, event.submitter)),
    redirect: 'manual',
  });
  if (answer.type !== 'opaqueredirect' && !answer.ok) {
    showMessage('danger', body.dataset.textFailed);
    return;
  }
  root.dataset.themeChoice = theme;
  root.dispatchEvent(new CustomEvent('themechoice'));
  showNextTheme(form, theme);
});

const THEMES = ['light', 'dark', 'auto'];
const THEME_ICONS = { light: 'sun', dark: 'moon', auto: 'device-desktop' };

function showNextTheme(form, theme) {
  for (const button of document.querySelectorAll('form[action="/preferences/theme"] button')) {
    button.value = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    const label = button.dataset[`label${button.value[0].toUpperCase()}${button.value.slice(1)}`];
    button.title = label;
    button.querySelector('.visually-hidden').textContent = label;
    const use = button.querySelector('use');
    use.setAttribute('href', use.getAttribute('href').replace(/#.*/, `#${THEME_ICONS[theme]}`));
  }
}

// A value shown for a moment goes back under its mask.
function hideLater(scope) {
  for (const shown of scope.querySelectorAll('[data-hide-after]')) {
    setTimeout(
      () => {
        shown.textContent = shown.dataset.mask;
      },
      Number(shown.dataset.hideAfter) * 1000,
    );
    shown.removeAttribute('data-hide-after');
  }
}

hideLater(document);
document.addEventListener('htmx:afterSettle', () => hideLater(document));
