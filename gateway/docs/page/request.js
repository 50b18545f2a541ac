// Requests: the line for a shell, and a form that makes them.

import { coloured, copyable, el } from './dom.js';
import { examplesOf } from './example.js';
import { base, mediaOf, resolve, rightsOf } from './spec.js';

// login is who the lines are for; it tells "change".
export const login = Object.assign(new EventTarget(), { user: 'sms' });

// quote returns a text as one word of a POSIX shell.
const quote = text => "'" + text.replaceAll("'", "'\\''") + "'";

// word returns a text as one word, quoted only if it must be.
const word = text => /^[\w@%+=:,./-]+$/.test(text) ? text : quote(text);

// compact returns JSON on one line, and anything else as it is.
function compact(text) {
  try { return JSON.stringify(JSON.parse(text)); } catch { return text; }
}

// credentials returns what makes curl log in.
function credentials(op) {
  if (!rightsOf(op)) return '';
  return op.security.some(a => a.basic) ? ' -u ' + word(login.user || 'USER') : " -H 'Authorization: Bearer TOKEN'";
}

function inputFor(p) {
  const s = resolve(p.schema) || {};
  const choices = s.enum || (s.type === 'boolean' ? ['true', 'false'] : undefined);
  const input = choices
    ? el('select', {}, el('option', { value: '' }, ''), ...choices.map(v => el('option', { value: v }, v)))
    : el('input', { value: p.in === 'path' ? p.example ?? '' : '', placeholder: p.in === 'path' ? '' : p.example ?? s.default ?? '', autocomplete: 'off', spellcheck: 'false' });
  return { p, input };
}

// request returns the line and the form of an operation.
export function request(method, path, op) {
  const inputs = (op.parameters || []).map(resolve).map(inputFor);
  const { media } = mediaOf(resolve(op.requestBody)?.content);
  const samples = examplesOf(media);
  const body = op.requestBody && el('textarea', { spellcheck: 'false', 'aria-label': 'Body' });
  const put = i => {
    body.value = samples.length ? samples[i][1] : '';
    body.rows = Math.min(16, Math.max(3, body.value.split('\n').length));
  };
  if (body) put(0);

  const target = () => {
    let to = path;
    const query = new URLSearchParams();
    for (const { p, input } of inputs) {
      if (p.in === 'path') to = to.replace('{' + p.name + '}', encodeURIComponent(input.value));
      else if (p.in === 'query' && input.value) query.set(p.name, input.value);
    }
    return base + to + (query.size ? '?' + query : '');
  };
  const headers = () => inputs.filter(i => i.p.in === 'header' && i.input.value).map(i => [i.p.name, i.input.value]);
  const curl = copyable(() => {
    const given = body && body.value;
    const line = ['curl' + credentials(op)];
    if (method !== 'get' && !(method === 'post' && given)) line[0] += ' -X ' + method.toUpperCase();
    for (const [name, value] of headers()) line.push('-H ' + quote(name + ': ' + value));
    if (given) line.push('-d ' + quote(compact(body.value)));
    line.push(quote(location.origin + target()));
    return line.join(line.length > 2 ? ' \\\n  ' : ' ');
  }, 'line for a shell');
  login.addEventListener('change', curl.update);

  const outcome = el('pre', { class: 'outcome', hidden: true, tabindex: 0, role: 'status', 'aria-label': 'Answer' });
  const send = el('button', { class: 'send' }, 'Send request');
  const calm = () => {
    send.textContent = 'Send request';
    send.classList.remove('sure');
  };
  const form = el('form', {
    oninput: () => { calm(); curl.update(); },
    onsubmit: async event => {
      event.preventDefault();
      if (method !== 'get' && !send.classList.contains('sure')) { // it changes something
        send.textContent = `Really ${method.toUpperCase()} ${target()}`;
        send.classList.add('sure');
        return;
      }
      calm();
      outcome.hidden = false;
      outcome.textContent = '…';
      outcome.replaceChildren(...await exchange(method, target(), headers(), body && body.value));
    },
  }, ...inputs.map(({ p, input }) => el('label', { class: 'input' }, el('code', {}, p.name), input)),
  samples.length > 1 ? el('label', { class: 'input' }, 'Example', el('select', {
    onchange: e => { put(e.target.value); curl.update(); },
  }, ...samples.map(([name], i) => el('option', { value: i }, name)))) : '', body, send, outcome);
  return [curl, form];
}

// exchange makes a request and returns what there is to be seen of the answer.
async function exchange(method, target, headers, body) {
  try {
    const began = performance.now();
    const given = body ? { body, headers: [...headers, ['Content-Type', 'application/json']] } : { headers };
    const r = await fetch(location.origin + target, { method: method.toUpperCase(), credentials: 'same-origin', redirect: 'manual', ...given });
    const text = (r.headers.get('Content-Type') || '').startsWith('text/event-stream') ? await firstOf(r) : await r.text();
    let shown = text;
    try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* it is no JSON */ }
    return [`${r.status || 'redirected'} ${r.statusText} in ${Math.round(performance.now() - began)} ms\n\n`, ...coloured(shown)];
  } catch (e) {
    return [String(e)];
  }
}

// firstOf returns what a stream that does not end begins with.
async function firstOf(response) {
  const reader = response.body.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return new TextDecoder().decode(value) + '\n(the stream goes on)';
}
