// The board: curves of the chosen runs, what differs between them, what is wrong. The address keeps the view.

import { Refused, events, getJson, setKey } from './stream.js';

const at = id => document.getElementById(id);
const COLOURS = ['#2563c9', '#d9570f', '#0b8a6a', '#8e3fb0', '#a97800', '#c2356f', '#0e87a3', '#5f8a12', '#7a5cff', '#8a6d5b'];
const DARK = ['#74a9ff', '#ff9a62', '#4fd1a9', '#d79af5', '#e5b84b', '#ff86b3', '#5fd0ea', '#a9d65c', '#b3a1ff', '#d0b29f'];
const CHARTS = [['loss', 'Loss'], ['val_loss', 'Validation loss'], ['lr', 'Learning rate'], ['grad_norm', 'Gradient norm'], ['tokens_per_s', 'Tokens per second']];
const MOST_FIRST = 6;
const HEIGHT = 240;

let runs = [];
const curves = new Map();
const plots = new Map(); // key -> {plot, shape, lines, ends}
const sizes = new ResizeObserver(entries => {
  for (const { target } of entries) plots.get(target.parentElement.dataset.key)?.plot.setSize({ width: target.clientWidth, height: HEIGHT });
});
const dark = matchMedia('(prefers-color-scheme: dark)');
const view = { runs: null, over: 'step', logx: false, logy: false, smooth: 0.6 };

function readAddress() {
  const q = new URLSearchParams(location.hash.slice(1));
  if (q.has('run')) view.runs = new Set(q.getAll('run'));
  if (['step', 'tokens', 'seconds'].includes(q.get('over'))) view.over = q.get('over');
  view.logx = q.get('logx') === '1';
  view.logy = q.get('logy') === '1';
  if (q.has('smooth')) view.smooth = Math.min(0.99, Math.max(0, Number(q.get('smooth')) || 0));
  at('over').value = view.over;
  at('logx').checked = view.logx;
  at('logy').checked = view.logy;
  at('smooth').value = view.smooth;
}

function writeAddress() {
  const q = new URLSearchParams();
  for (const run of view.runs || []) q.append('run', run);
  q.set('over', view.over);
  if (view.logx) q.set('logx', '1');
  if (view.logy) q.set('logy', '1');
  q.set('smooth', view.smooth);
  history.replaceState(null, '', '#' + q);
}

const chosen = () => runs.filter(run => view.runs.has(run.name));
const colour = run => (dark.matches ? DARK : COLOURS)[runs.indexOf(run) % COLOURS.length];
const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function short(value) {
  if (value === null || value === undefined) return '–';
  const size = Math.abs(value);
  if (size >= 1e9) return (value / 1e9).toFixed(2) + ' G';
  if (size >= 1e6) return (value / 1e6).toFixed(2) + ' M';
  if (size >= 1e4) return (value / 1e3).toFixed(1) + ' k';
  if (size !== 0 && size < 1e-3) return value.toExponential(1);
  return String(Number(value.toPrecision(4)));
}

function showRuns() {
  const words = at('filter').value.toLowerCase();
  at('runs').replaceChildren(...runs.filter(r => r.name.toLowerCase().includes(words)).map(run => {
    const item = document.createElement('li');
    const label = document.createElement('label');
    const box = document.createElement('input');
    box.type = 'checkbox';
    box.checked = view.runs.has(run.name);
    box.addEventListener('change', () => choose(run.name, box.checked));
    const swatch = document.createElement('span');
    swatch.className = 'swatch';
    if (box.checked) swatch.style.background = colour(run);
    const name = document.createElement('span');
    name.className = 'name';
    name.textContent = run.name;
    const facts = document.createElement('span');
    facts.className = 'facts';
    const of = run.steps ? ' of ' + Number(run.steps).toLocaleString('en') : '';
    facts.textContent = run.state + ', step ' + (run.step ?? 0).toLocaleString('en') + of + ', loss ' + short(run.loss)
      + (run.val_loss === undefined ? '' : ', val ' + short(run.val_loss));
    label.append(box, swatch, name, facts);
    item.append(label);
    return item;
  }));
}

function showProblems() {
  const list = document.createElement('ul');
  for (const run of runs) {
    for (const problem of run.problems) {
      const item = document.createElement('li');
      item.textContent = run.name + ': ' + problem;
      list.append(item);
    }
  }
  at('problems').replaceChildren(list);
  at('problems').hidden = list.children.length === 0;
}

function showDifferences() {
  const all = chosen();
  const keys = [...new Set(all.flatMap(run => Object.keys(run.config)))]
    .filter(key => key !== 'out' && new Set(all.map(run => run.config[key])).size > 1);
  const table = at('differences');
  table.replaceChildren();
  const head = table.createTHead().insertRow();
  for (const text of ['key', ...all.map(run => run.name)]) {
    const cell = document.createElement('th');
    cell.scope = 'col';
    cell.textContent = text;
    head.append(cell);
  }
  const body = table.createTBody();
  for (const key of keys) {
    const row = body.insertRow();
    for (const text of [key, ...all.map(run => run.config[key] ?? '–')]) row.insertCell().textContent = text;
  }
  if (!keys.length) {
    table.replaceChildren();
    table.createCaption().textContent = all.length < 2 ? 'Choose two runs or more.' : 'Nothing but where they are written.';
  }
}

/** The running mean of TensorBoard: each value weighs less the older it is, corrected for the beginning. */
function smoothed(values, weight) {
  let mean = 0, mass = 0;
  return values.map(v => {
    if (v === null) return null;
    mean = mean * weight + (1 - weight) * v;
    mass = mass * weight + (1 - weight);
    return mean / mass;
  });
}

/** The x and y of a run for a chart, and its unsmoothed y. */
function series(run, key) {
  const c = curves.get(run.name);
  if (!c) return null;
  const positive = (xs, ...ys) => {
    const keep = xs.map((x, i) => (!view.logx || x > 0) && (!view.logy || ys[0][i] > 0 || ys[0][i] === null));
    return [xs, ...ys].map(a => a.filter((_, i) => keep[i]));
  };
  if (c[key]) return positive(c[view.over], smoothed(c[key].mean, view.smooth), c[key].mean);
  const points = (c.evaluations || {})[key];
  if (!points) return null;
  const xs = points.map(p => place(c, p[0]));
  const ys = points.map(p => p[1]);
  return positive(xs, ys, ys);
}

/** Where a step lies on the axis that is chosen. */
function place(c, step) {
  if (view.over === 'step') return step;
  let low = 0, high = c.step.length - 1;
  if (high < 0 || step <= c.step[0]) return high < 0 ? 0 : c[view.over][0] * (c.step[0] ? step / c.step[0] : 1);
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (c.step[middle] <= step) low = middle; else high = middle;
  }
  const part = c.step[high] === c.step[low] ? 0 : Math.min(1, (step - c.step[low]) / (c.step[high] - c.step[low]));
  return c[view.over][low] + part * (c[view.over][high] - c[view.over][low]);
}

function figure(key, title) {
  let one = at('chart-' + key);
  if (one) return one;
  one = document.createElement('figure');
  one.className = 'chart';
  one.id = 'chart-' + key;
  one.dataset.key = key;
  const caption = document.createElement('figcaption');
  caption.textContent = title;
  const value = document.createElement('div');
  value.className = 'value';
  const canvas = document.createElement('div');
  canvas.className = 'canvas';
  one.append(caption, canvas, value);
  at('charts').append(one);
  sizes.observe(canvas);
  return one;
}

function remove(key) {
  plots.get(key)?.plot.destroy();
  plots.delete(key);
  at('chart-' + key)?.remove();
}

function draw(key, title) {
  const lines = chosen().map(run => ({ run, data: series(run, key) })).filter(l => l.data && l.data[0].length);
  if (!lines.length) {
    remove(key);
    return;
  }
  const one = figure(key, title);
  const data = uPlot.join(lines.map(l => l.data));
  const value = one.querySelector('.value');
  const ends = lines.map(l => l.run.name + ' ' + short(l.data[2].findLast(v => v !== null))).join(' · ');
  one.setAttribute('aria-label', title + ': ' + ends);
  const old = plots.get(key);
  const shape = JSON.stringify([view.over, view.logx, view.logy, dark.matches, lines.map(l => [l.run.name, colour(l.run), hasPoints(l)])]);
  if (!old || old.plot.cursor.idx === null || old.plot.cursor.idx === undefined) value.textContent = ends;
  if (old && old.shape === shape) { // what grows keeps its zoom and its pointer
    Object.assign(old, { lines, ends });
    const whole = old.plot.scales.x.min === old.plot.data[0][0];
    old.plot.setData(data, whole);
    if (!whole) old.plot.redraw();
    return;
  }
  old?.plot.destroy();
  const kept = { shape, lines, ends };
  const axis = { stroke: css('--muted'), grid: { stroke: css('--line'), width: 1 }, ticks: { stroke: css('--line') } };
  const options = {
    width: one.querySelector('.canvas').clientWidth || 400, height: HEIGHT,
    cursor: { drag: { x: true, y: false }, sync: { key: 'board' } },
    scales: { x: { time: false, distr: view.logx ? 3 : 1 }, y: { distr: view.logy ? 3 : 1 } },
    series: [{}, ...lines.flatMap(l => [
      { label: l.run.name, stroke: colour(l.run), width: 2, spanGaps: true, points: { show: hasPoints(l) } },
      { label: l.run.name + ' (as measured)', stroke: colour(l.run) + '50', width: 1, spanGaps: true, points: { show: false } }])],
    axes: [{ ...axis, values: (_, ticks) => ticks.map(t => t === null ? '' : view.over === 'seconds' ? clock(t) : short(t)) },
      { ...axis, size: 64, values: (_, ticks) => ticks.map(t => t === null ? '' : short(t)) }],
    hooks: { setCursor: [u => {
      const i = u.cursor.idx;
      value.textContent = i === null || i === undefined ? kept.ends : (view.over === 'seconds' ? clock(u.data[0][i]) : short(u.data[0][i])) + ': '
        + kept.lines.map((l, n) => l.run.name + ' ' + short(u.data[1 + 2 * n][i])).filter(t => !t.endsWith('–')).join(' · ');
    }] },
  };
  kept.plot = new uPlot(options, data, one.querySelector('.canvas'));
  plots.set(key, kept);
}

const hasPoints = line => line.data[0].length < 30;

function clock(seconds) {
  if (seconds < 120) return short(seconds) + ' s';
  return seconds < 7200 ? (seconds / 60).toFixed(0) + ' min' : (seconds / 3600).toFixed(1) + ' h';
}

function drawAll() {
  const benchmarks = new Set(chosen().flatMap(run => Object.keys((curves.get(run.name) || {}).evaluations || {})));
  benchmarks.delete('val_loss');
  const wanted = [...CHARTS, ...[...benchmarks].sort().map(task => [task, task])];
  const shown = new Set(wanted.map(([key]) => key));
  for (const key of [...plots.keys()]) {
    if (!shown.has(key)) remove(key);
  }
  for (const [key, title] of wanted) draw(key, title);
  const order = wanted.map(([key]) => at('chart-' + key)).filter(Boolean);
  if (order.some((one, i) => one !== at('charts').children[i])) at('charts').append(...order);
}

async function load(names) {
  await Promise.all(names.map(async name => {
    curves.set(name, await getJson('/cria/board/curves?run=' + encodeURIComponent(name)));
  }));
}

async function choose(name, on) {
  if (on) view.runs.add(name); else view.runs.delete(name);
  writeAddress();
  await guarded(() => load([...view.runs].filter(n => !curves.has(n))));
  showAll();
}

function showAll() {
  showRuns();
  showProblems();
  showDifferences();
  drawAll();
  const select = at('details-of');
  const before = select.value;
  select.replaceChildren(...chosen().map(run => new Option(run.name, run.name)));
  if (chosen().some(run => run.name === before)) select.value = before;
  guarded(showDetails);
}

async function showDetails() {
  const name = at('details-of').value;
  if (!name) {
    at('details').replaceChildren();
    return;
  }
  const details = await getJson('/cria/board/details?run=' + encodeURIComponent(name));
  const parts = details.samples.toReversed().map(sample => {
    const one = document.createElement('div');
    one.className = 'sample';
    const prompt = document.createElement('b');
    prompt.textContent = sample.prompt;
    const rest = sample.text.startsWith(sample.prompt) ? sample.text.slice(sample.prompt.length) : sample.text;
    const step = document.createElement('div');
    step.className = 'muted';
    step.textContent = 'step ' + sample.step.toLocaleString('en');
    one.append(step, prompt, rest);
    return one;
  });
  const events = document.createElement('p');
  events.className = 'muted';
  events.textContent = details.events.toReversed().slice(0, 20).map(e => e.event.replaceAll('_', ' ') + ' at ' + e.step.toLocaleString('en')).join(' · ');
  at('details').replaceChildren(events, ...parts);
}

async function refresh(changed) {
  runs = (await getJson('/cria/board/runs')).runs;
  if (view.runs === null) view.runs = new Set(runs.slice(0, MOST_FIRST).map(run => run.name));
  await load(runs.map(run => run.name).filter(n => view.runs.has(n) && (!curves.has(n) || changed.includes(n))));
  showAll();
}

async function guarded(work) {
  try {
    await work();
    at('alert').hidden = true;
  } catch (e) {
    if (e instanceof Refused && e.status === 401) {
      if (!at('key-dialog').open) at('key-dialog').showModal();
    } else {
      at('alert').textContent = e.message;
      at('alert').hidden = false;
    }
  }
}

async function live() {
  while (true) {
    try {
      await refresh([]);
      at('live').textContent = 'live';
      for await (const changed of events('/cria/board/changes')) await refresh(changed);
    } catch (e) {
      at('live').textContent = 'not connected';
      if (e instanceof Refused) {
        await guarded(() => { throw e; });
        return;
      }
    }
    await new Promise(done => setTimeout(done, 2000));
  }
}

for (const [id, key] of [['over', 'over'], ['logx', 'logx'], ['logy', 'logy'], ['smooth', 'smooth']]) {
  at(id).addEventListener('input', () => {
    view[key] = at(id).type === 'checkbox' ? at(id).checked : id === 'smooth' ? Number(at(id).value) : at(id).value;
    writeAddress();
    drawAll();
  });
}
at('view').addEventListener('submit', e => e.preventDefault());
at('filter').addEventListener('input', showRuns);
at('none').addEventListener('click', () => { view.runs.clear(); writeAddress(); showAll(); });
at('details-of').addEventListener('change', () => guarded(showDetails));
at('key-dialog').addEventListener('close', () => { setKey(at('key').value); live(); });
dark.addEventListener('change', showAll);
readAddress();
fetch('/cria/models').then(r => { if (r.status === 404) at('talk').hidden = true; }).catch(() => {});
live();
