// Operations, each in a box of which the inside is made when it is opened.

import { copyable, el, later } from './dom.js';
import { answers } from './answer.js';
import { examplesOf } from './example.js';
import { prose } from './prose.js';
import { request } from './request.js';
import { field, tree } from './schema.js';
import { mediaOf, needs, resolve } from './spec.js';

export function operation({ method, path, op }) {
  const card = later({ class: 'op', id: op.operationId },
    el('summary', {}, el('span', { class: 'method ' + method }, method.toUpperCase()), el('h3', {}, path),
      el('span', { class: 'about' }, op.summary || ''), method === 'event' ? '' : el('span', { class: 'right' }, needs(op))),
    () => el('div', { class: 'inside' }, ...(method === 'event' ? event(op) : inside(method, path, op))));
  card.words = wordsOf(method, path, op);
  return card;
}

// wordsOf returns what a search finds an operation by.
function wordsOf(method, path, op) {
  const { media } = mediaOf(resolve(op.requestBody)?.content);
  const names = Object.keys(resolve(media?.schema)?.properties || {});
  const parameters = (op.parameters || []).map(p => resolve(p).name);
  return [method, path, op.operationId, op.summary, op.description, needs(op), ...(op['x-aliases'] || []), ...op.tags, ...names, ...parameters].join(' ').toLowerCase();
}

function inside(method, path, op) {
  const { type, media } = mediaOf(resolve(op.requestBody)?.content);
  const aliases = op['x-aliases'] || [];
  const text = el('div', {}, ...prose(op.description),
    el('p', { class: 'dim' }, 'Needs ', el('code', {}, needs(op)), aliases.length ? '. Also at ' : '.', ...aliases.flatMap((a, i) => [i ? ', ' : '', el('code', {}, a)])));
  for (const [place, title] of [['path', 'Path'], ['query', 'Query'], ['header', 'Headers']]) {
    const some = (op.parameters || []).map(resolve).filter(p => p.in === place);
    if (some.length) text.append(el('h4', {}, title), parameters(some));
  }
  const fields = media && tree(media.schema);
  if (fields) text.append(el('h4', {}, 'Body'), el('p', { class: 'dim' }, type), ...prose(resolve(media.schema).description), fields);
  return [text, el('div', { class: 'beside' }, el('h4', {}, 'Request'), ...request(method, path, op)),
    el('div', {}, el('h4', {}, 'Answers'), ...answers(op))];
}

const parameters = list => el('ul', { class: 'tree' }, ...list.map(p => field(p.name, p.schema, p.required, 1, p.description)));

// event returns what is in an event that webhooks are sent.
function event(op) {
  const { media } = mediaOf(op.requestBody.content);
  const samples = examplesOf(media);
  return [
    el('div', {}, ...prose(op.description), el('h4', {}, 'Headers'), parameters((op.parameters || []).map(resolve)),
      el('h4', {}, 'Body'), tree(media.schema)),
    el('div', { class: 'beside' }, el('h4', {}, 'Example'), ...samples.map(([, text]) => copyable(() => text, 'example'))),
    el('div', {}, el('h4', {}, 'Your answer'), ...answers(op)),
  ];
}
