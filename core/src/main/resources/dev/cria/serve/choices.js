// What is chosen on the left: models, steps, adapters, templates, sampling.

const at = id => document.getElementById(id);
let runs = new Map(); // run -> entries by rising step
let adapters = [];

function option(value, text) {
  const one = document.createElement('option');
  one.value = value;
  one.textContent = text;
  return one;
}

export function fill(listing) {
  const plain = listing.models.filter(m => m.step === null || m.adapter);
  runs = new Map();
  for (const m of listing.models) {
    if (m.step !== null && !m.adapter) runs.set(m.run, [...(runs.get(m.run) || []), m]);
  }
  for (const steps of runs.values()) steps.sort((a, b) => a.step - b.step);
  at('model').replaceChildren(...plain.map(m => option(m.id, m.id)));
  at('other').replaceChildren(...listing.models.map(m => option(m.id, m.id)));
  if (listing.models.length > 1) at('other').selectedIndex = listing.models.length - 1;
  adapters = listing.adapters;
  at('adapter').replaceChildren(option('', 'none'), ...adapters.map(a => option(a, a)));
  at('template').replaceChildren(option('', 'the model’s own'), ...listing.templates.map(t => option(t, t)));
  changed();
}

function steps() {
  return runs.get(at('model').value) || [];
}

export function changed() {
  const all = steps();
  at('step-label').hidden = all.length < 2;
  at('step-help').hidden = all.length < 2;
  at('step').max = Math.max(0, all.length - 1);
  at('step').value = at('step').max;
  at('adapter-label').hidden = adapters.length === 0 || adapters.includes(at('model').value);
  stepChanged();
}

/** What is asked, for those who do not see the settings. */
export function showChosen() {
  at('chosen').textContent = models().join(' and ');
}

export function stepChanged() {
  const one = steps()[Number(at('step').value)];
  at('step-name').textContent = one ? one.step.toLocaleString('en') : '';
  at('step').setAttribute('aria-valuetext', one ? 'step ' + one.step : '');
}

/** The ids of the models to ask: one, or two that are compared. */
export function models() {
  const all = steps();
  const step = all.length > 1 ? all[Number(at('step').value)].id : at('model').value;
  const adapter = at('adapter-label').hidden ? '' : at('adapter').value;
  const first = adapter ? step + '+' + adapter : step;
  return at('compare').checked ? [first, at('other').value] : [first];
}

export function sampling() {
  const number = (id, otherwise) => at(id).value === '' ? otherwise : Number(at(id).value);
  const body = {
    temperature: number('temperature', 0.7), top_p: number('top-p', 1), top_k: number('top-k', 0),
    max_tokens: number('max-tokens', 128) };
  if (at('seed').value !== '') body.seed = Number(at('seed').value);
  return body;
}

export function template() {
  return at('template').value;
}

export function system() {
  return at('system').value.trim();
}
