// Schemas, as trees.

import { el, later } from './dom.js';
import { linked } from './prose.js';
import { nameOf, resolve } from './spec.js';

const roomy = 14; // fields that are shown without being asked for

// typeOf says in words what a schema is.
export function typeOf(schema) {
  const s = resolve(schema);
  if (!s) return '';
  if (s.const !== undefined) return JSON.stringify(s.const);
  if (s.anyOf) return s.anyOf.map(typeOf).join(' or ');
  if (s.type === 'array') return 'array of ' + (nameOf(s.items) || typeOf(s.items) || 'anything');
  const type = [].concat(s.type || (s.properties ? 'object' : 'anything')).join(' or ');
  return s.format ? `${type} (${s.format})` : type;
}

// boundsOf says what else a value must be.
function boundsOf(s) {
  const bounds = [];
  if (s.enum) bounds.push('one of ' + s.enum.join(', '));
  if (s.minimum !== undefined && s.maximum !== undefined) bounds.push(`${s.minimum} to ${s.maximum}`);
  else if (s.minimum !== undefined) bounds.push(`from ${s.minimum}`);
  else if (s.maximum !== undefined) bounds.push(`up to ${s.maximum}`);
  if (s.minItems) bounds.push(`at least ${s.minItems}`);
  if (s.maxItems) bounds.push(`at most ${s.maxItems}`);
  if (s.maxLength) bounds.push(`at most ${s.maxLength} characters`);
  if (s.default !== undefined) bounds.push('default ' + s.default);
  if (s.readOnly) bounds.push('read only');
  return bounds.join(' · ');
}

// below returns the schema whose fields are those of a value, or undefined.
function below(schema) {
  const s = resolve(schema);
  if (!s) return undefined;
  if (s.type === 'array') return below(s.items);
  if (s.properties) return s;
  if (s.additionalProperties && below(s.additionalProperties)) return below(s.additionalProperties);
  return (s.anyOf || []).map(below).find(Boolean);
}

// field returns a line of a tree. A schema within it is shown below.
export function field(name, schema, required, depth, about) {
  const s = resolve(schema) || {};
  const inner = below(schema);
  const bounds = boundsOf(s.type === 'array' ? { ...resolve(s.items), ...s } : s);
  const item = el('li', {}, el('div', { class: 'field' }, el('code', {}, name), el('span', { class: 'type' }, typeOf(schema) + (bounds && ' · ' + bounds)),
    required ? el('span', { class: 'need' }, 'required') : ''));
  const text = about || s.description;
  if (text) item.append(el('p', {}, ...linked(text)));
  if (inner) {
    const n = Object.keys(inner.properties).length;
    const of = nameOf(schema) || nameOf(s.items) || '';
    const more = later({}, el('summary', {}, `${n} ${n === 1 ? 'field' : 'fields'}${of && ' of ' + of}`), () => tree(inner, depth + 1));
    more.open = depth === 0 && n <= roomy;
    item.append(more);
  }
  return item;
}

// tree returns the fields of a schema, or undefined if it has none.
export function tree(schema, depth = 0) {
  const s = below(schema);
  if (!s) return undefined;
  const required = s.required || [];
  return el('ul', { class: 'tree' }, ...Object.entries(s.properties).map(([name, p]) => field(name, p, required.includes(name), depth)));
}
