// What is to be known before the operations.

import { copyable, el } from './dom.js';
import { prose } from './prose.js';
import { login } from './request.js';
import { tree } from './schema.js';
import { base, resolve, spec } from './spec.js';

export function intro() {
  const prefixes = spec.servers.map(s => s.url.replace(/\/$/, '') || '/');
  const user = el('input', { id: 'user', value: login.user, autocomplete: 'off', spellcheck: 'false' });
  user.addEventListener('input', () => {
    login.user = user.value;
    login.dispatchEvent(new Event('change'));
  });
  const problem = { $ref: '#/components/schemas/Problem' };
  return el('section', { id: 'intro' }, el('h1', {}, 'tetherd API'),
    el('p', { class: 'dim' }, 'OpenAPI 3.1: ', el('a', { href: '../openapi.yaml' }, 'YAML'), ', ', el('a', { href: '../openapi.json' }, 'JSON')),
    el('div', { class: 'start' },
      el('div', {}, el('h2', {}, 'Start here'), ...prose(spec.info.description),
        el('h2', {}, 'Errors'), ...prose(resolve(problem).description), tree(problem, 1)),
      el('div', {}, el('h2', {}, 'Address'), copyable(() => location.origin + base, 'address'),
        el('p', {}, 'All operations answer under ', ...prefixes.flatMap((p, i) => [i ? ', ' : '', el('code', {}, p)]), '.'),
        el('h2', {}, 'Lines for a shell'), el('p', {}, 'They ask for the password, and log in as ', el('label', {}, el('span', { class: 'unseen' }, 'User name'), user), '.'),
        el('p', {}, 'With a token, replace ', el('code', {}, '-u …'), ' by ', el('code', {}, "-H 'Authorization: Bearer TOKEN'"), '.'))));
}
