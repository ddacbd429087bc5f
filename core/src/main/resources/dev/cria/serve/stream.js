// Requests to the server, and its streams of server-sent events.

let key = sessionStorage.getItem('cria-key') || '';

export function setKey(value) {
  key = value;
  sessionStorage.setItem('cria-key', value);
}

/** The server refused. `status` 401 asks for a key. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

function headers(more) {
  return key ? { ...more, Authorization: 'Bearer ' + key } : more;
}

async function refusal(response) {
  let message = response.status + ' ' + response.statusText;
  try {
    message = (await response.json()).error.message;
  } catch { /* no JSON: the status says it */ }
  return new Refused(response.status, message);
}

export async function getJson(path, signal) {
  const response = await fetch(path, { headers: headers({}), signal });
  if (!response.ok) throw await refusal(response);
  return response.json();
}

/** The data of each event of a stream, as JSON, until it ends. */
export async function* events(path, body, signal) {
  const response = await fetch(path, body === undefined ? { headers: headers({}), signal } : {
    method: 'POST', headers: headers({ 'Content-Type': 'application/json' }), body: JSON.stringify(body), signal });
  if (!response.ok) throw await refusal(response);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = '';
  while (true) {
    const { value, done } = await reader.read();
    if (done) return;
    held += value;
    const parts = held.split('\n\n');
    held = parts.pop();
    for (const part of parts) {
      if (!part.startsWith('data: ')) continue;
      const data = part.slice(6);
      if (data === '[DONE]') return;
      const json = JSON.parse(data);
      if (json.error) throw new Refused(500, json.error.message);
      yield json;
    }
  }
}
