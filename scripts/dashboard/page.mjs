// Draws, in a browser, what Grafana would: rows, figures, lines and states, with titles, units, legends and thresholds. What it knows of a
// panel's options is what tools/dashboard uses of them.

const gap = 8; // pixels between panels
const unitHeight = 30; // of Grafana's grid
const columns = 24;

// What the marks of an axis may be apart: minutes in time, and powers of two in bytes.
const minutes = [1, 2, 5, 10, 15, 30, 60].map((n) => n * 60);
const binarySteps = { bytes: Array.from({ length: 45 }, (_, n) => 2 ** n) };

const colors = {
  green: '#73bf69', yellow: '#fade2a', red: '#f2495c', orange: '#ff9830', blue: '#5794f2', transparent: 'transparent', text: '#ccccdc',
};
// Grafana's classic palette.
const palette = ['#73bf69', '#f2cc0c', '#8ab8ff', '#ff780a', '#f2495c', '#5794f2', '#b877d9', '#705da0', '#37872d', '#fade2a', '#447ebc', '#c15c17'];

/** Draws the panels, and tells the titles of those that have nothing to show, and where the chapters begin. */
globalThis.drawDashboard = ({ title, panels, moments, from, to, step }) => {
  document.querySelector('header b').textContent = title;
  document.querySelector('.note').textContent = `${clock(from, true)} to ${clock(to, true)} UTC · drawn with uPlot from deploy/grafana/vacancy.json, not by Grafana`;
  const main = document.querySelector('main');
  const column = (main.clientWidth + gap) / columns;
  const [empty, chapters] = [[], []];
  let bottom = 0;
  for (const panel of panels) {
    const { x, y, w, h } = panel.gridPos;
    const box = element('div', panel.type === 'row' ? 'row' : 'panel');
    Object.assign(box.style, {
      left: `${x * column}px`, top: `${y * (unitHeight + gap)}px`, width: `${w * column - gap}px`, height: `${h * (unitHeight + gap) - gap}px`,
    });
    main.append(box);
    bottom = Math.max(bottom, (y + h) * (unitHeight + gap) - gap);
    if (panel.type === 'row') {
      box.textContent = `⌄ ${panel.title}`;
      chapters.push({ title: panel.title, top: box.getBoundingClientRect().top });
      continue;
    }
    box.append(element('h2', '', panel.title));
    if (panel.series.some(({ points }) => points.some(([, value]) => !Number.isNaN(value)))) {
      draw[panel.type](box, panel, { moments, from, to, step });
    } else {
      empty.push(panel.title);
      box.append(element('div', 'plot none', panel.fieldConfig.defaults.noValue ?? 'No data'));
    }
  }
  main.style.height = `${bottom}px`;
  return { empty, chapters, bottom: main.getBoundingClientRect().bottom };
};

const draw = {
  /** The last value, large, and its course behind it. */
  stat(box, { series: [{ points }], fieldConfig: { defaults }, options }) {
    const value = points.at(-1)[1];
    const color = colors[levelOf(value, defaults.thresholds.steps).color];
    const figure = element('div', 'figure');
    const background = options.colorMode.startsWith('background');
    if (background) Object.assign(box.style, { background: `color-mix(in srgb, ${color} 75%, #000)`, color: '#fff' });
    const number = element('b', '', format(value, defaults.unit, defaults.decimals));
    if (!background) number.style.color = color;
    const most = Math.max(...points.map((point) => point[1]), Number.EPSILON);
    const line = points.map((point, i) => `${(i / (points.length - 1 || 1)) * 100},${34 - (30 * point[1]) / most}`).join(' ');
    figure.innerHTML = `<svg viewBox="0 0 100 36" preserveAspectRatio="none"><polygon points="0,36 ${line} 100,36"
      fill="${background ? '#fff' : color}" opacity="0.25"/></svg>`;
    figure.append(number);
    box.append(figure);
  },

  /** Lines over time. */
  timeseries(box, { series, fieldConfig: { defaults, overrides }, options }, { moments, from, to }) {
    const stroke = (name, i) => {
      const own = overrides.find(({ matcher }) => new RegExp(`^${matcher.options}$`).test(name));
      return own ? colors[own.properties[0].value.fixedColor] : palette[i % palette.length];
    };
    const plot = element('div', 'plot');
    const legend = element('div', 'legend');
    box.append(plot, legend);
    series.forEach(({ name, points }, i) => {
      const entry = element('span');
      const most = Math.max(...points.map((point) => point[1]).filter((value) => !Number.isNaN(value)));
      const dash = element('i');
      dash.style.background = stroke(name, i);
      entry.append(dash, name || '(no name)');
      if (options.legend.calcs.includes('max')) entry.append(element('em', '', `Max: ${format(most, defaults.unit)}`));
      legend.append(entry);
    });
    const times = [...new Set(series.flatMap(({ points }) => points.map(([time]) => time)))].sort((a, b) => a - b);
    const aligned = series.map(({ points }) => {
      const at = new Map(points);
      return times.map((time) => (Number.isNaN(at.get(time) ?? NaN) ? null : at.get(time)));
    });
    const greatest = Math.max(...aligned.flat().filter((value) => value !== null), 0);
    const steps = defaults.custom.thresholdsStyle ? defaults.thresholds.steps.filter(({ value }) => value !== null) : [];
    const grid = { stroke: '#2c3036', width: 1 };
    const axis = { stroke: colors.text, font: '11px DejaVu Sans', grid, ticks: { show: false } };
    new globalThis.uPlot({
      width: plot.clientWidth - 12, height: plot.clientHeight, legend: { show: false }, cursor: { show: false }, tzDate: (time) => new Date(time * 1000),
      scales: { x: { time: true, min: from, max: to, range: [from, to] }, y: { range: [defaults.min ?? 0, defaults.max ?? (greatest > 0 ? greatest * 1.1 : 1)] } },
      axes: [
        { ...axis, size: 24, space: 50, incrs: minutes, values: (_, all) => all.map((time) => clock(time)) },
        { ...axis, size: 76, space: 26, incrs: binarySteps[defaults.unit], values: (_, all) => all.map((value) => format(value, defaults.unit)) },
      ],
      series: [{}, ...series.map(({ name }, i) => ({
        stroke: stroke(name, i), width: defaults.custom.lineWidth, fill: `${stroke(name, i)}${hexOpacity(defaults.custom.fillOpacity)}`, points: { show: false },
      }))],
      hooks: { draw: [(u) => { lines(u, steps, moments); }] },
    }, [times, ...aligned], plot);
  },

  /** Bars over time, one line for each series, coloured by what the value means. */
  'state-timeline'(box, { series, fieldConfig: { defaults } }, { from, to, step }) {
    const meanings = defaults.mappings[0].options;
    const states = element('div', 'states');
    for (const { name, points } of series) {
      states.append(element('span', '', name));
      const line = element('div');
      for (const { value, begin, end } of stretches(points, step)) {
        const { text, color } = meanings[value] ?? { text: String(value), color: 'blue' };
        const bar = element('div', '', text);
        const place = (time) => (100 * (time - from)) / (to - from);
        Object.assign(bar.style, { left: `${place(begin)}%`, width: `${place(end) - place(begin)}%`, background: colors[color] });
        line.append(bar);
        if ((place(end) - place(begin)) * 3 < text.length * 6) bar.textContent = ''; // as Grafana leaves out what does not fit
      }
      states.append(line);
    }
    const axis = element('footer');
    for (const share of [0, 0.25, 0.5, 0.75, 1]) axis.append(element('span', '', clock(from + share * (to - from))));
    states.append(axis);
    box.append(states);
  },
};

/** Draws thresholds and marked moments over a plot. */
function lines(u, steps, moments) {
  const { ctx, bbox: { left, top, width, height } } = u;
  const line = (color, x0, y0, x1, y1) => {
    ctx.save();
    ctx.strokeStyle = color;
    ctx.lineWidth = 1;
    ctx.setLineDash([8, 6]);
    ctx.beginPath();
    ctx.moveTo(x0, y0);
    ctx.lineTo(x1, y1);
    ctx.stroke();
    ctx.restore();
  };
  for (const { value, color } of steps) {
    const y = u.valToPos(value, 'y', true);
    if (y >= top && y <= top + height) line(colors[color], left, y, left + width, y);
  }
  for (const { time, color } of moments) {
    const x = u.valToPos(time, 'x', true);
    line(colors[color], x, top, x, top + height);
  }
}

/** The stretches of time over which a series has one value. A sample stands for a step, and a gap ends it. */
function stretches(points, step) {
  const all = [];
  for (const [time, value] of points) {
    const last = all.at(-1);
    if (last && last.value === value && time <= last.end) last.end = time + step;
    else all.push({ value, begin: time, end: time + step });
  }
  return all;
}

const levelOf = (value, steps) => steps.findLast((step) => step.value === null || value >= step.value);
const hexOpacity = (percent) => Math.round(2.55 * percent).toString(16).padStart(2, '0');
const clock = (time, seconds) => new Date(time * 1000).toISOString().slice(11, seconds ? 19 : 16);

function element(tag, className = '', text = '') {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

// Units, each with its scales: what a value is divided by, from which on, and what it is called then.
const thousands = (suffix) => [[1, suffix], [1e3, ` K${suffix}`], [1e6, ` Mil${suffix}`]];
const units = {
  none: [[1, '']],
  short: thousands(''),
  reqps: thousands(' req/s'),
  ops: thousands(' ops/s'),
  percentunit: [[0.01, '%']],
  bytes: [[1, ' B'], [2 ** 10, ' KiB'], [2 ** 20, ' MiB'], [2 ** 30, ' GiB'], [2 ** 40, ' TiB']],
  s: [[1e-6, ' µs'], [1e-3, ' ms'], [1, ' s'], [60, ' mins'], [3600, ' hours'], [86_400, ' days'], [604_800, ' weeks']],
};

/** A value with its unit, as Grafana writes it. */
function format(value, unit, decimals) {
  if (unit.startsWith('suffix:')) return `${round(value, decimals)}${unit.slice('suffix:'.length)}`;
  if (value === 0) return `0${units[unit][unit === 's' ? 2 : 0][1]}`;
  const [by, name] = units[unit].findLast(([least]) => Math.abs(value) >= least) ?? units[unit][0];
  return `${round(value / by, unit === 'percentunit' || unit === 'none' ? decimals : undefined)}${name}`;
}

/** Without a number of decimals, as many as three digits need. */
function round(value, decimals) {
  if (decimals !== undefined) return value.toFixed(decimals);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return String(Number(value.toFixed(Math.min(digits, 6))));
}
