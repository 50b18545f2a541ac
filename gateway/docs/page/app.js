'use strict';
// The page is built from the description, and from nothing else. Text is only ever set as
// text: nothing that the gateway answers becomes markup.

const methods = ['get', 'post', 'put', 'patch', 'delete', 'options'];
// Where the API is, seen from this page, which is at …/docs/index.html.
const base = location.pathname.replace(/\/docs\/[^/]*$/, '');
let spec;

function el(name, attributes, ...children) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith('on')) e.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) e.setAttribute(key, value);
  }
  e.append(...children.filter(c => c !== undefined && c !== null));
  return e;
}

// resolve follows a $ref; what is written beside it counts first.
function resolve(o) {
  if (!o || !o.$ref) return o;
  const found = o.$ref.split('/').slice(1).reduce((at, key) => at[key.replaceAll('~1', '/').replaceAll('~0', '~')], spec);
  const { $ref, ...beside } = o;
  return { ...resolve(found), ...beside };
}

const nameOf = o => o && o.$ref ? o.$ref.split('/').pop() : '';

function paragraphs(text) {
  return (text || '').split('\n').filter(t => t.trim()).map(t => el('p', {}, t));
}

// typeOf says in words what a schema is.
function typeOf(schema) {
  const s = resolve(schema);
  if (!s) return '';
  if (s.const !== undefined) return JSON.stringify(s.const);
  if (s.enum) return s.enum.join(' | ');
  if (s.anyOf) return s.anyOf.map(typeOf).join(' or ');
  if (s.type === 'array') return 'array of ' + (nameOf(s.items) || typeOf(s.items));
  const type = [].concat(s.type || 'any').join(' or ');
  if (s.format) return type + ' (' + s.format + ')';
  if (s.minimum !== undefined && s.maximum !== undefined) return `${type} ${s.minimum}…${s.maximum}`;
  return type;
}

function copyable(text) {
  const button = el('button', {
    type: 'button',
    onclick: async () => {
      try {
        await navigator.clipboard.writeText(text());
        button.textContent = 'Copied';
      } catch { // not allowed without TLS: the text can be marked at least
        getSelection().selectAllChildren(pre);
        button.textContent = 'Marked';
      }
      setTimeout(() => { button.textContent = 'Copy'; }, 1500);
    },
  }, 'Copy');
  const pre = el('pre', {});
  const box = el('div', { class: 'copied' }, pre, button);
  box.update = () => { pre.textContent = text(); };
  box.update();
  return box;
}

// fields shows what is in a schema, a schema within it on request.
function fields(schema, depth = 0) {
  const s = resolve(schema);
  if (!s) return undefined;
  if (s.type === 'array') return fields(s.items, depth);
  if (!s.properties) return undefined;
  const rows = Object.entries(s.properties).map(([name, property]) => {
    const p = resolve(property);
    const below = p.type === 'array' ? resolve(p.items) : p;
    const about = el('td', {}, p.description || '');
    if (below && below.properties && depth < 4) {
      const more = el('details', {}, el('summary', {}, nameOf(property) || nameOf(p.items) || 'fields'));
      more.addEventListener('toggle', () => { if (more.children.length === 1) more.append(fields(below, depth + 1)); });
      about.append(more);
    }
    const needed = (s.required || []).includes(name) ? '' : ' ?';
    return el('tr', {}, el('td', {}, el('code', {}, name + needed)), el('td', { class: 'dim' }, typeOf(property)), about);
  });
  return el('div', { class: 'wide' }, el('table', {}, el('tbody', {}, ...rows)));
}

function examplesOf(media) {
  return Object.entries((media && media.examples) || {}).map(([name, e]) => [name, JSON.stringify(resolve(e).value, null, 2)]);
}

function mediaOf(content) {
  const [type, media] = Object.entries(content || {})[0] || [];
  return { type, media };
}

// compact returns JSON on one line, and anything else as it is.
function compact(text) {
  try { return JSON.stringify(JSON.parse(text)); } catch { return text; }
}

const quote = text => "'" + text.replaceAll("'", "'\\''") + "'";

// rightsOf says what an operation needs.
function rightsOf(op) {
  const alternatives = op.security || spec.security || [];
  if (alternatives.length === 0) return 'no credentials';
  const rights = alternatives.flatMap(a => a.bearer || []);
  return rights.length ? 'right ' + rights.join(' or ') : 'any credentials';
}

// tryIt returns a form that makes a request, and the curl line of it.
function tryIt(method, path, op) {
  const parameters = (op.parameters || []).map(resolve);
  const inputs = parameters.map(p => {
    const s = resolve(p.schema) || {};
    const given = p.in === 'path' ? String(p.example ?? '') : '';
    const input = s.enum || s.type === 'boolean'
      ? el('select', {}, el('option', { value: '' }, ''), ...(s.enum || ['true', 'false']).map(v => el('option', { value: v }, v)))
      : el('input', { value: given, placeholder: p.in === 'path' ? '' : p.example ?? s.default ?? '' });
    return { p, input };
  });
  const { media } = mediaOf(resolve(op.requestBody)?.content);
  const samples = examplesOf(media);
  const body = op.requestBody && el('textarea', { spellcheck: 'false' });
  if (body) body.value = samples.length ? samples[0][1] : '';

  const target = () => {
    let to = path;
    const query = new URLSearchParams();
    for (const { p, input } of inputs) {
      if (p.in === 'path') to = to.replace('{' + p.name + '}', encodeURIComponent(input.value));
      else if (p.in === 'query' && input.value) query.set(p.name, input.value);
    }
    return base + to + (query.size ? '?' + query : '');
  };
  const headers = () => Object.fromEntries(inputs.filter(i => i.p.in === 'header' && i.input.value).map(i => [i.p.name, i.input.value]));
  const curl = copyable(() => {
    let line = 'curl';
    if ((op.security || []).some(a => a.basic)) line += ' -u USER';
    else if ((op.security || []).length) line += " -H 'Authorization: Bearer TOKEN'";
    if (method !== 'get') line += ' -X ' + method.toUpperCase();
    for (const [name, value] of Object.entries(headers())) line += ' -H ' + quote(name + ': ' + value);
    if (body && body.value) line += ' -d ' + quote(compact(body.value));
    return line + ' ' + quote(location.origin + target());
  });
  const outcome = el('pre', { hidden: true, 'aria-live': 'polite' });
  const send = async event => {
    event.preventDefault();
    if (method !== 'get' && !confirm(method.toUpperCase() + ' ' + target() + '\n\nThis is done for real.')) return;
    outcome.hidden = false;
    outcome.textContent = '…';
    try {
      const h = headers();
      if (body && body.value) h['Content-Type'] = 'application/json';
      const began = performance.now();
      const r = await fetch(target(), { method: method.toUpperCase(), headers: h, body: body && body.value ? body.value : undefined, credentials: 'same-origin', redirect: 'manual' });
      const text = (r.headers.get('Content-Type') || '').startsWith('text/event-stream') ? await firstOf(r) : await r.text();
      let shown = text;
      try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* it is no JSON */ }
      outcome.textContent = `${r.status} ${r.statusText} in ${Math.round(performance.now() - began)} ms\n\n${shown}`;
    } catch (e) {
      outcome.textContent = String(e);
    }
  };
  const form = el('form', { onsubmit: send, oninput: curl.update },
    ...inputs.map(({ p, input }) => el('label', {}, el('code', {}, p.name), ' ', input, ' ', el('span', { class: 'dim' }, p.description || ''))),
    samples.length > 1 ? el('label', {}, 'Example ', el('select', {
      onchange: e => { body.value = samples[e.target.value][1]; curl.update(); },
    }, ...samples.map(([name], i) => el('option', { value: i }, name)))) : undefined,
    body ? el('label', {}, 'Body', body) : undefined,
    el('button', {}, 'Send request'), outcome);
  return [curl, form];
}

// firstOf returns what a stream that does not end begins with.
async function firstOf(response) {
  const reader = response.body.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return new TextDecoder().decode(value) + '\n(the stream goes on)';
}

function answers(op) {
  return Object.entries(op.responses || {}).map(([status, r]) => {
    const answer = resolve(r);
    const { type, media } = mediaOf(answer.content);
    const box = el('details', {}, el('summary', {}, el('code', {}, status), ' ', answer.description || ''));
    for (const [name, h] of Object.entries(answer.headers || {})) box.append(el('p', {}, el('code', {}, name), ' ', resolve(h).description || ''));
    if (type) box.append(el('p', { class: 'dim' }, type, nameOf(media.schema) ? ': ' + nameOf(media.schema) : ''));
    for (const [, text] of examplesOf(media)) box.append(copyable(() => text));
    box.addEventListener('toggle', () => {
      const table = media && !box.querySelector('table') && fields(media.schema);
      if (table) box.append(table);
    });
    return box;
  });
}

// operation returns a card; what is in it is made when it is opened.
function operation(method, path, op, called) {
  const card = el('details', { class: 'op', id: op.operationId },
    el('summary', {}, el('span', { class: 'method ' + method }, called ? 'EVENT' : method.toUpperCase()),
      el('span', { class: 'path' }, path), el('span', { class: 'dim' }, op.summary || '')));
  card.words = [path, method, op.summary, op.operationId, op.description].join(' ').toLowerCase();
  card.addEventListener('toggle', () => {
    if (!card.open || card.children.length > 1) return;
    const inside = el('div', {}, ...paragraphs(op.description));
    if (!called) inside.append(el('p', { class: 'dim' }, 'Needs: ' + rightsOf(op)));
    const aliases = op['x-aliases'] || [];
    if (aliases.length) inside.append(el('p', { class: 'dim' }, 'Also at ' + aliases.join(', ')));
    const { type, media } = mediaOf(resolve(op.requestBody)?.content);
    if (called) {
      inside.append(el('h3', {}, 'Headers'), ...op.parameters.map(resolve).map(p => el('p', {}, el('code', {}, p.name), ' ', p.description || '')));
      for (const [, text] of examplesOf(media)) inside.append(el('h3', {}, 'Body'), copyable(() => text));
      inside.append(fields(resolve(media.schema).properties.payload) || '');
    } else {
      inside.append(el('h3', {}, 'Try it'), ...tryIt(method, path, op));
      const table = media && fields(media.schema);
      if (table) inside.append(el('h3', {}, 'Body' + (type ? ' (' + type + ')' : '')), table);
      inside.append(el('h3', {}, 'Answers'), ...answers(op));
    }
    card.append(inside);
  });
  return card;
}

function build() {
  const main = document.getElementById('main');
  const nav = document.getElementById('nav');
  main.replaceChildren(...paragraphs(spec.info.description));
  const sections = spec.tags.map(tag => {
    const cards = Object.entries(spec.paths).flatMap(([path, item]) =>
      methods.filter(m => item[m] && item[m].tags.includes(tag.name)).map(m => operation(m, path, item[m], false)));
    return section(tag.name, tag.description, cards);
  });
  sections.push(section('events-sent', 'What webhooks of format smsgate are sent',
    Object.entries(spec.webhooks || {}).map(([name, item]) => operation('post', name, item.post, true))));
  for (const s of sections) {
    nav.append(el('a', { href: '#' + s.id }, s.name));
    main.append(s);
  }
  document.getElementById('search').addEventListener('input', e => filter(sections, e.target.value));
  open();
  addEventListener('hashchange', open);
}

function section(name, description, cards) {
  const s = el('section', { id: 'tag-' + name }, el('h2', {}, description), ...cards);
  s.name = name;
  s.cards = cards;
  return s;
}

function filter(sections, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  for (const s of sections) {
    let any = false;
    for (const card of s.cards) {
      card.hidden = !words.every(w => card.words.includes(w));
      any = any || !card.hidden;
    }
    s.hidden = !any;
  }
}

// open shows the operation that the address names.
function open() {
  const card = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (card && card.matches('details')) {
    card.open = true;
    card.scrollIntoView();
  }
}

fetch('../openapi.json', { credentials: 'same-origin' })
  .then(r => { if (!r.ok) throw new Error('HTTP ' + r.status); return r.json(); })
  .then(s => { spec = s; build(); })
  .catch(e => { document.getElementById('state').textContent = 'The description cannot be shown: ' + e.message; });
