// Sentences of the description.

import { el } from './dom.js';
import { idOf } from './spec.js';

const named = /\b((?:GET|POST|PUT|PATCH|DELETE) \/[\w{}/.-]*[\w}])/;

// prose returns the paragraphs of a text.
export function prose(text, attributes) {
  return (text || '').split('\n').filter(t => t.trim()).map(t => el('p', attributes, ...linked(t)));
}

// linked makes a link of each operation that a text names.
export function linked(text) {
  return (text || '').split(named).map((part, i) => {
    const [method, path] = part.split(' ');
    const id = i % 2 ? idOf(method.toLowerCase(), path) : '';
    return id ? el('a', { href: '#' + id }, part) : part;
  });
}
