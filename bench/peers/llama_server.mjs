// llama.cpp behind POST /v1/completions, from the npm package node-llama-cpp, which holds its libraries but not its server.
//
//   npm install --prefix DIR node-llama-cpp
//   NODE_MODULES=DIR/node_modules node bench/peers/llama_server.mjs MODEL.gguf PORT ROWS
//
// Greedy completions, streamed, of up to ROWS clients at once; llama.cpp evaluates their tokens in one batch. What a client of
// bench/peers/server_load.py sends, and no more.

import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [file, port, rows] = process.argv.slice(2);
const entry = path.resolve(process.env.NODE_MODULES ?? 'node_modules', 'node-llama-cpp/dist/index.js');
const { getLlama, LlamaLogLevel } = await import(pathToFileURL(entry));
const threads = os.availableParallelism();
const llama = await getLlama({ gpu: false, build: 'never', logLevel: LlamaLogLevel.error, maxThreads: threads });
const model = await llama.loadModel({ modelPath: path.resolve(file), gpuLayers: 0 });
const sequences = Number(rows);
const contextSize = Math.min(1024, model.trainContextSize);
const context = await model.createContext({
  sequences, contextSize, batchSize: 512, threads: { ideal: threads, min: threads } });
const free = Array.from({ length: sequences }, () => context.getSequence());
const waiting = [];

function take() {
  return free.length ? Promise.resolve(free.pop()) : new Promise(give => waiting.push(give));
}

function giveBack(sequence) {
  if (waiting.length) waiting.shift()(sequence);
  else free.push(sequence);
}

async function complete(body, response) {
  const sequence = await take();
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  const part = text => response.write('data: ' + JSON.stringify({ choices: [{ index: 0, text, finish_reason: null }] }) + '\n\n');
  try {
    await sequence.clearHistory();
    let count = 0;
    const tokens = model.tokenize(body.prompt, false, 'trimLeadingSpace');
    for await (const token of sequence.evaluate(tokens, { temperature: 0, yieldEogToken: true })) {
      part(model.detokenize([token]) || '\ufffd'); // a token a part, so that both servers' parts count tokens
      if (++count >= body.max_tokens || response.destroyed) break;
    }
    response.write('data: ' + JSON.stringify({ choices: [{ index: 0, text: '', finish_reason: 'length' }] }) + '\n\n');
  } finally {
    response.end('data: [DONE]\n\n');
    giveBack(sequence);
  }
}

const server = http.createServer((request, response) => {
  if (request.url === '/health') {
    response.end('{"status":"ok"}');
    return;
  }
  const parts = [];
  request.on('data', part => parts.push(part));
  request.on('end', () => complete(JSON.parse(Buffer.concat(parts)), response).catch(e => {
    console.error(e);
    response.destroy();
  }));
});
server.listen(Number(port), '127.0.0.1', () => console.error('listening on http://127.0.0.1:' + port + ', ' + threads + ' threads'));
process.on('SIGTERM', () => process.exit(0));
