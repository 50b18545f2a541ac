// Examples. An answer that has none is shown as another of the same kind.

import { nameOf, resolve, spec } from './spec.js';

let known; // examples by the names of schemas

// examplesOf returns names and texts.
export function examplesOf(media) {
  return Object.entries((media && media.examples) || {}).map(([name, e]) => [name, pretty(resolve(e).value)]);
}

export function pretty(value) {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

// sampleOf returns a text for an answer, or undefined if none is known.
export function sampleOf(media) {
  const own = examplesOf(media)[0];
  if (own || !media) return own && own[1];
  known ||= collect();
  const s = media.schema || {};
  if (known.has(nameOf(s))) return pretty(known.get(nameOf(s)));
  if (s.type === 'array' && known.has(nameOf(s.items))) return pretty([known.get(nameOf(s.items))]);
  return undefined;
}

function collect() {
  const found = new Map();
  const add = (schema, value) => { if (nameOf(schema) && !found.has(nameOf(schema))) found.set(nameOf(schema), value); };
  for (const item of Object.values(spec.paths)) {
    for (const op of Object.values(item)) {
      for (const r of Object.values(op.responses || {})) {
        for (const media of Object.values(resolve(r).content || {})) {
          const e = Object.values(media.examples || {})[0];
          if (!e) continue;
          const { value } = resolve(e);
          add(media.schema, value);
          if (Array.isArray(value) && value.length) add(media.schema.items, value[0]);
        }
      }
    }
  }
  return found;
}
