// Runs before the first paint: says that scripts work, restores the width of the navigation and resolves the theme
// "as the device", so that nothing jumps.
(() => {
  const root = document.documentElement;
  root.classList.add('js');
  try {
    const navigation = localStorage.getItem('navigation') ?? (innerWidth < 1200 ? 'collapsed' : 'open');
    if (navigation === 'collapsed') root.classList.add('nav-collapsed');
  } catch {
    // Storage is refused (private window): the navigation stays open.
  }
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const applyTheme = () => {
    const choice = root.dataset.themeChoice;
    root.dataset.bsTheme = choice === 'auto' ? (dark.matches ? 'dark' : 'light') : choice;
    root.dispatchEvent(new CustomEvent('themechange'));
  };
  applyTheme();
  dark.addEventListener('change', applyTheme);
  root.addEventListener('themechoice', applyTheme);
})();
