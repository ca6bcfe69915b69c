// What htmx sends and what it says when it fails.

const { body, documentElement: root } = document;
let pending = 0;

const say = (text) => document.dispatchEvent(new CustomEvent('message', { detail: { kind: 'danger', text } }));

document.addEventListener('htmx:configRequest', (event) => {
  const { verb, parameters } = event.detail;
  if (verb !== 'get') return;
  // Empty criteria stay out of the address bar.
  for (const name of Object.keys(parameters)) if (parameters[name] === '') delete parameters[name];
});

document.addEventListener('htmx:beforeRequest', () => {
  pending += 1;
  root.classList.add('is-loading');
});

document.addEventListener('htmx:afterRequest', () => {
  pending = Math.max(0, pending - 1);
  if (pending === 0) root.classList.remove('is-loading');
});

document.addEventListener('htmx:responseError', (event) => {
  const id = event.detail.xhr.getResponseHeader('X-Request-Id');
  say(id ? `${body.dataset.textFailed} (${id})` : body.dataset.textFailed);
});

document.addEventListener('htmx:sendError', () => say(body.dataset.textOffline));
document.addEventListener('htmx:timeout', () => say(body.dataset.textOffline));
