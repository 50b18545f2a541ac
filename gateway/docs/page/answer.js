// Answers of operations.

import { copyable, el, later } from './dom.js';
import { linked } from './prose.js';
import { examplesOf, sampleOf } from './example.js';
import { tree, typeOf } from './schema.js';
import { mediaOf, nameOf, resolve } from './spec.js';

const failed = status => /^[45]/.test(status);

// answers returns those of success, opened, and the others behind a line.
export function answers(op) {
  const all = Object.entries(op.responses || {}).map(([status, r]) => [status, resolve(r)]);
  const good = all.filter(([status]) => !failed(status)).sort();
  const bad = all.filter(([status]) => failed(status));
  const boxes = good.map(([status, r]) => answer(status, r));
  if (boxes.length) boxes[0].open = true;
  if (bad.length) {
    boxes.push(later({ class: 'errors' }, el('summary', {}, 'Errors ', ...bad.map(([status]) => el('code', { class: 'status bad' }, status))),
      () => bad.map(([status, r]) => answer(status, r))));
  }
  return boxes;
}

function answer(status, r) {
  const summary = el('summary', {}, el('code', { class: failed(status) ? 'status bad' : 'status' }, status), ' ', r.description || '');
  return later({ class: 'answer' }, summary, () => {
    const { type, media } = mediaOf(r.content);
    const parts = [];
    const headers = Object.entries(r.headers || {});
    if (headers.length) {
      parts.push(el('ul', { class: 'tree' }, ...headers.map(([name, h]) => el('li', {},
        el('div', { class: 'field' }, el('code', {}, name), el('span', { class: 'type' }, 'header')), el('p', {}, ...linked(resolve(h).description || ''))))));
    }
    if (type) parts.push(el('p', { class: 'dim' }, type + (typeOf(media.schema) ? ': ' : ''), nameOf(media.schema) || typeOf(media.schema)));
    const own = examplesOf(media).map(([, text]) => text);
    const samples = own.length ? own : [sampleOf(media)].filter(Boolean);
    parts.push(...samples.map(text => copyable(() => text, 'example')));
    const fields = media && tree(media.schema);
    if (fields) parts.push(fields);
    return parts;
  });
}
