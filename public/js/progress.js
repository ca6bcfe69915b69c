// Follows long work by server-sent events: [data-sse] is the address. The browser reconnects by itself after a cut.

function follow(card) {
  const source = new EventSource(card.dataset.sse);
  const lang = document.documentElement.lang;
  const show = (name, text) => {
    const element = card.querySelector(`[data-progress-${name}]`);
    if (element && text !== undefined && element.textContent !== text) element.textContent = text;
  };
  source.addEventListener('progress', (event) => {
    const { done, total, rate, timeLeft, status } = JSON.parse(event.data);
    const bar = card.querySelector('[data-progress-bar]');
    if (total) {
      bar.max = total;
      bar.value = done;
      show('total', total.toLocaleString(lang));
    }
    show('done', done.toLocaleString(lang));
    show('rate', rate);
    show('left', timeLeft);
    show('status', status);
  });
  source.addEventListener('end', (event) => {
    source.close();
    const { href } = JSON.parse(event.data);
    if (href) location.assign(href);
    else location.reload();
  });
  addEventListener('pagehide', () => source.close());
}

document.querySelectorAll('[data-sse]').forEach(follow);
