// Tokens of an answer: tinted by how sure the model was, with the likeliest on hover, tap or arrow keys.

const box = document.getElementById('likely');
let shown = null;

/** Adds a token's text to an element. `scored`: {token, logprob, likely: [{token, logprob}]}, or null. */
export function addToken(parent, text, scored) {
  const span = document.createElement('span');
  span.className = 'token';
  span.textContent = text;
  if (scored) {
    const probability = Math.exp(scored.logprob);
    span.style.setProperty('--doubt', (0.55 * (1 - probability)).toFixed(3));
    span.scored = scored;
    span.setAttribute('aria-label', text + ', ' + percent(scored.logprob));
  }
  parent.append(span);
  return span;
}

export function percent(logprob) {
  const p = 100 * Math.exp(logprob);
  return (p >= 10 ? p.toFixed(0) : p >= 0.1 ? p.toFixed(1) : p.toExponential(0)) + ' %';
}

function visible(text) {
  return text.replace(/\n/g, '⏎').replace(/\t/g, '⇥').replace(/ /g, '␣')
    .replace(/[\u0000-\u001f\u007f-\u00a0]/g, c => 'U+' + c.charCodeAt(0).toString(16).padStart(4, '0'));
}

function show(span) {
  hide();
  if (!span || !span.scored) return;
  shown = span;
  span.classList.add('here');
  const table = document.createElement('table');
  const caption = table.createCaption();
  caption.textContent = 'The likeliest here';
  for (const likely of span.scored.likely) {
    const row = table.insertRow();
    if (likely.token === span.scored.token) row.className = 'chosen';
    row.insertCell().textContent = visible(likely.token);
    row.insertCell().textContent = percent(likely.logprob);
  }
  if (!span.scored.likely.some(one => one.token === span.scored.token)) {
    const row = table.insertRow();
    row.className = 'chosen';
    row.insertCell().textContent = visible(span.scored.token);
    row.insertCell().textContent = percent(span.scored.logprob);
  }
  box.replaceChildren(table);
  box.hidden = false;
  const at = span.getBoundingClientRect();
  const left = Math.min(Math.max(8, at.left), innerWidth - box.offsetWidth - 8);
  const below = at.bottom + 6 + box.offsetHeight < innerHeight;
  box.style.left = left + 'px';
  box.style.top = (below ? at.bottom + 6 : Math.max(8, at.top - box.offsetHeight - 6)) + 'px';
}

export function hide() {
  if (shown) shown.classList.remove('here');
  shown = null;
  box.hidden = true;
}

/** Makes the tokens of a log answer to pointer and keys. */
export function watch(log) {
  log.addEventListener('pointerover', e => show(e.target.closest('.token')));
  log.addEventListener('pointerleave', hide);
  log.addEventListener('click', e => show(e.target.closest('.token')));
  log.addEventListener('scroll', hide);
  log.addEventListener('keydown', e => {
    if (e.key !== 'ArrowRight' && e.key !== 'ArrowLeft') return;
    const text = e.target.closest('.text');
    if (!text) return;
    const all = [...text.querySelectorAll('.token')];
    const at = all.indexOf(shown);
    const next = at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + (e.key === 'ArrowRight' ? 1 : -1)));
    show(all[next]);
    if (all[next] && all[next].scored) {
      document.getElementById('status').textContent = all[next].getAttribute('aria-label');
    }
    e.preventDefault();
  });
}
