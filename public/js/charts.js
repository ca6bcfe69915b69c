// Draws each [data-chart] from the table beside it. Chart.js is fetched only by pages that have a chart.

const figures = document.querySelectorAll('[data-chart]');
const TONES = ['info', 'accent', 'violet', 'success', 'warning', 'danger', 'neutral'];

function loadLibrary() {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = document.body.dataset.chartLibrary;
    script.addEventListener('load', () => resolve(window.Chart));
    script.addEventListener('error', reject);
    document.head.append(script);
  });
}

/** The colour a custom property has now: themes use light-dark(), which only an element resolves. */
function colour(property) {
  const probe = document.createElement('i');
  probe.hidden = true;
  probe.style.color = `var(${property})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

function readTable(table) {
  const headings = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent);
  const rows = [...table.tBodies[0].rows];
  return {
    labels: rows.map((row) => row.cells[0].textContent),
    series: headings.map((label, index) => ({
      label,
      data: rows.map((row) => Number(row.cells[index + 1].dataset.value)),
    })),
  };
}

function draw(Chart, figure) {
  const kind = figure.dataset.chart;
  const { labels, series } = readTable(figure.querySelector('table'));
  const palette = [
    colour('--brand-primary'),
    colour('--brand-accent'),
    ...TONES.slice(2).map((tone) => colour(`--${tone}-fg`)),
  ];
  const round = kind === 'doughnut';
  const ink = colour('--ink-soft');
  const line = colour('--line');
  const datasets = series.map(({ label, data }, index) => ({
    label,
    data,
    backgroundColor: round ? palette : palette[index % palette.length],
    borderColor: kind === 'line' ? palette[index % palette.length] : colour('--surface'),
    borderWidth: kind === 'line' ? 2.5 : round ? 2 : 0,
    borderRadius: round ? 0 : 4,
    maxBarThickness: 44,
    pointRadius: 3,
    tension: 0.3,
  }));
  const axis = {
    ticks: { color: ink, precision: 0 },
    grid: { color: line },
    border: { display: false },
    stacked: kind === 'stacked',
  };
  const canvas = figure.querySelector('canvas');
  Chart.getChart(canvas)?.destroy();
  figure.querySelector('.chart-canvas').hidden = false;
  new Chart(canvas, {
    type: kind === 'stacked' ? 'bar' : kind,
    data: { labels, datasets },
    options: {
      maintainAspectRatio: false,
      locale: document.documentElement.lang,
      animation: matchMedia('(prefers-reduced-motion: reduce)').matches ? false : { duration: 350 },
      cutout: round ? '64%' : undefined,
      font: { family: getComputedStyle(document.body).fontFamily },
      plugins: {
        legend: {
          display: round || series.length > 1,
          position: round ? 'right' : 'bottom',
          labels: { color: ink, usePointStyle: true, boxHeight: 7 },
        },
      },
      scales: round ? {} : { x: { ...axis, grid: { display: false } }, y: { ...axis, beginAtZero: true } },
    },
  });
}

if (figures.length > 0) {
  const Chart = await loadLibrary();
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  const drawAll = () => figures.forEach((figure) => draw(Chart, figure));
  for (const figure of figures) figure.querySelector('[data-chart-data]').open = false;
  drawAll();
  document.documentElement.addEventListener('themechange', drawAll);
}
