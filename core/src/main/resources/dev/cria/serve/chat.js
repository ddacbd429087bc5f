// The page to talk to models: a conversation, or a text that is written on.

import { Refused, events, getJson, setKey } from './stream.js';
import { addToken, hide, watch } from './tokens.js';
import * as choices from './choices.js';

const at = id => document.getElementById(id);
const log = at('log');
const turns = []; // {said, answer}: what the first model answered goes into the conversation
let mode = 'chat';
let running = null; // the AbortController of what is being written

function showAlert(message) {
  at('alert').textContent = message;
  at('alert').hidden = !message;
}

function element(tag, className, text) {
  const one = document.createElement(tag);
  one.className = className;
  if (text !== undefined) one.textContent = text;
  return one;
}

function showEmpty() {
  log.replaceChildren(element('p', 'empty', mode === 'chat'
    ? 'Ask something. Answers come token by token.' : 'Begin a text. The model writes on where it ends.'));
}

function bodyFor(model, said) {
  const common = { model, stream: true, stream_options: { include_usage: true }, ...choices.sampling() };
  if (mode === 'text') return { ...common, prompt: said, logprobs: 10 };
  const messages = [];
  if (choices.system()) messages.push({ role: 'system', content: choices.system() });
  for (const turn of turns) {
    messages.push({ role: 'user', content: turn.said }, { role: 'assistant', content: turn.answer });
  }
  messages.push({ role: 'user', content: said });
  const body = { ...common, messages, logprobs: true, top_logprobs: 10 };
  if (choices.template()) body.template = choices.template();
  return body;
}

/** The text and the tokens of one part of a stream, whichever interface it is of. */
function partOf(json) {
  const choice = json.choices[0];
  if (!choice) return { text: '', tokens: [], finish: null, usage: json.usage };
  if (mode === 'text') {
    const scores = choice.logprobs;
    const tokens = scores ? scores.tokens.map((token, i) => ({
      token, logprob: scores.token_logprobs[i],
      likely: Object.entries(scores.top_logprobs[i] || {}).map(([t, logprob]) => ({ token: t, logprob }))
        .sort((a, b) => b.logprob - a.logprob).slice(0, 10) })) : [];
    return { text: choice.text, tokens, finish: choice.finish_reason };
  }
  const tokens = ((choice.logprobs || {}).content || []).map(one => ({
    token: one.token, logprob: one.logprob, likely: one.top_logprobs }));
  return { text: choice.delta.content || '', tokens, finish: choice.finish_reason };
}

async function write(card, body, signal) {
  const text = card.querySelector('.text');
  const foot = card.querySelector('.foot');
  const since = performance.now();
  let count = 0;
  let whole = '';
  card.classList.add('writing');
  try {
    for await (const json of events(mode === 'text' ? '/v1/completions' : '/v1/chat/completions', body, signal)) {
      const part = partOf(json);
      if (part.text || part.tokens.length) {
        const low = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
        addToken(text, part.text, part.tokens[0] || null);
        whole += part.text;
        count += part.tokens.length;
        if (low) log.scrollTop = log.scrollHeight;
      }
      if (part.finish) foot.textContent = note(count, since, part.finish);
    }
  } catch (e) {
    if (e.name !== 'AbortError') throw e;
    foot.textContent = note(count, since, 'stopped');
  } finally {
    card.classList.remove('writing');
  }
  return whole;
}

function note(count, since, finish) {
  const seconds = (performance.now() - since) / 1000;
  const why = finish === 'length' ? ', the most that was asked for' : finish === 'stopped' ? ', stopped' : '';
  return count + ' tokens, ' + (count / seconds).toFixed(0) + ' a second' + why;
}

function cardFor(model) {
  const card = element('article', 'answer');
  card.setAttribute('aria-label', 'Answer of ' + model);
  const text = element('div', 'text');
  text.tabIndex = 0;
  card.append(element('h2', '', model), text, element('p', 'foot'));
  return card;
}

/** Asks all chosen models and puts their answers after what was said. */
async function ask(said, place) {
  if (running) return;
  showAlert('');
  hide();
  const control = new AbortController();
  running = control;
  setRunning(true);
  const models = choices.models();
  const cards = models.map(cardFor);
  place.replaceChildren(...cards);
  log.scrollTop = log.scrollHeight;
  try {
    if (mode === 'text') {
      cards.forEach(card => card.querySelector('.text').append(element('span', 'prompt', said)));
    }
    const answers = await Promise.all(models.map((m, i) => write(cards[i], bodyFor(m, said), control.signal)));
    turns.push({ said, answer: answers[0].trim(), place });
    at('status').textContent = 'The answer: ' + answers[0];
  } catch (e) {
    control.abort();
    giveBack(said, place);
    failed(e);
  } finally {
    running = null;
    setRunning(false);
  }
}

/** What could not be answered is no part of the conversation, and may be said otherwise. */
function giveBack(said, place) {
  const bubble = place.previousElementSibling;
  if (bubble && bubble.matches('.said')) bubble.remove();
  place.remove();
  at('input').value = said;
  if (!log.children.length) showEmpty();
}

function failed(e) {
  if (e instanceof Refused && e.status === 401) {
    at('key-dialog').showModal();
  } else {
    showAlert(e.message);
  }
}

function setRunning(on) {
  at('send').disabled = on;
  at('stop').disabled = !on;
  at('again').disabled = on || turns.length === 0;
}

function say(said) {
  if (log.querySelector('.empty')) log.replaceChildren();
  if (mode === 'text') {
    turns.length = 0;
    log.replaceChildren();
  } else {
    log.append(bubble(said));
  }
  const place = element('div', 'answers');
  log.append(place);
  ask(said, place);
}

function bubble(said) {
  const one = element('div', 'said');
  const edit = element('button', 'edit', 'Edit');
  edit.type = 'button';
  edit.addEventListener('click', () => takeBack(one, said));
  one.append(edit, document.createTextNode(said));
  return one;
}

/** Puts what was said back into the input and forgets all from there on. */
function takeBack(said, text) {
  if (running) return;
  const all = [...log.querySelectorAll('.said')];
  turns.length = Math.min(turns.length, all.indexOf(said));
  while (said.nextSibling) said.nextSibling.remove();
  said.remove();
  at('input').value = text;
  at('input').focus();
  setRunning(false);
  if (!log.children.length) showEmpty();
}

function again() {
  if (running || turns.length === 0) return;
  const last = turns.pop();
  ask(last.said, last.place);
}

function setMode(next) {
  if (running || mode === next) return;
  mode = next;
  turns.length = 0;
  at('mode-chat').setAttribute('aria-pressed', mode === 'chat');
  at('mode-text').setAttribute('aria-pressed', mode === 'text');
  at('template-label').hidden = mode === 'text';
  at('system-label').hidden = mode === 'text';
  at('input').placeholder = mode === 'chat' ? 'Say something' : 'Once upon a time';
  at('input-label').textContent = mode === 'chat' ? 'Your message' : 'Text to write on';
  at('send').textContent = mode === 'chat' ? 'Send' : 'Write on';
  setRunning(false);
  showEmpty();
}

at('form').addEventListener('submit', e => {
  e.preventDefault();
  const said = at('input').value;
  if (!said.trim() || running) return;
  if (mode === 'chat') at('input').value = '';
  say(mode === 'chat' ? said.trim() : said);
});
at('input').addEventListener('keydown', e => {
  if (e.key === 'Enter' && !e.shiftKey && !e.isComposing) {
    e.preventDefault();
    at('form').requestSubmit();
  }
});
document.addEventListener('keydown', e => {
  if (e.key === 'Escape') {
    hide();
    if (running) running.abort();
  }
});
at('stop').addEventListener('click', () => running && running.abort());
at('again').addEventListener('click', again);
at('clear').addEventListener('click', () => {
  if (running) running.abort();
  turns.length = 0;
  setRunning(false);
  showEmpty();
});
at('mode-chat').addEventListener('click', () => setMode('chat'));
at('mode-text').addEventListener('click', () => setMode('text'));
at('model').addEventListener('change', choices.changed);
at('step').addEventListener('input', choices.stepChanged);
at('step').addEventListener('change', again);
at('compare').addEventListener('change', () => { at('other-label').hidden = !at('compare').checked; });
at('tint').addEventListener('change', () => log.classList.toggle('tint', at('tint').checked));
at('key-dialog').addEventListener('close', () => { setKey(at('key').value); begin(); });

async function begin() {
  try {
    choices.fill(await getJson('/cria/models'));
    choices.showChosen();
    showAlert('');
  } catch (e) {
    failed(e);
  }
}

const settings = document.querySelector('.settings');
const narrow = matchMedia('(max-width: 760px)');
narrow.addEventListener('change', () => { settings.open = !narrow.matches; });
settings.open = !narrow.matches;
settings.addEventListener('input', choices.showChosen);
log.classList.add('tint');
watch(log);
showEmpty();
begin();
