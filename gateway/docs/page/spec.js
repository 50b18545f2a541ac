// The description, of which the page is built.

const methods = ['get', 'post', 'put', 'patch', 'delete', 'options'];

// Where the API is, seen from this page, which is at …/docs/index.html.
export const base = location.pathname.replace(/\/docs\/[^/]*$/, '');

export let spec;

// load reads the description. The address is whole, for one that a browser took from an
// address with a password cannot be asked for.
export async function load() {
  const r = await fetch(location.origin + base + '/openapi.json', { credentials: 'same-origin' });
  if (!r.ok) throw new Error('HTTP ' + r.status);
  spec = await r.json();
}

// resolve follows a $ref; what is written beside it counts first.
export function resolve(o) {
  if (!o || !o.$ref) return o;
  const { $ref, ...beside } = o;
  const found = resolve($ref.split('/').slice(1).reduce((at, key) => at[key.replaceAll('~1', '/').replaceAll('~0', '~')], spec));
  const properties = found.properties && beside.properties ? { properties: { ...found.properties, ...beside.properties } } : {};
  return { ...found, ...beside, ...properties };
}

export const nameOf = o => o && o.$ref ? o.$ref.split('/').pop() : '';

// groups returns the operations by their tags, and what is sent to webhooks.
export function groups() {
  const of = tag => Object.entries(spec.paths).flatMap(([path, item]) =>
    methods.filter(m => item[m] && item[m].tags.includes(tag.name)).map(method => ({ method, path, op: item[method] })));
  const all = spec.tags.map(tag => ({ id: 'tag-' + tag.name, name: title(tag.name), about: tag.description, operations: of(tag) }));
  all.push({
    id: 'tag-webhook-events', name: 'Webhook events', about: 'What webhooks of format smsgate are sent',
    operations: Object.entries(spec.webhooks || {}).map(([path, item]) => ({ method: 'event', path, op: item.post })),
  });
  return all;
}

const title = name => name[0].toUpperCase() + name.slice(1);

// idOf returns the id of the operation that answers at a path, or "".
export function idOf(method, path) {
  const item = Object.entries(spec.paths).find(([p, i]) => i[method] && (p === path || (i[method]['x-aliases'] || []).includes(path)));
  return item ? item[1][method].operationId : '';
}

export function mediaOf(content) {
  const [type, media] = Object.entries(content || {})[0] || [];
  return { type, media };
}

// rightsOf returns the rights of which an operation needs one: none for whoever can log
// in, undefined if nobody needs to.
export function rightsOf(op) {
  const alternatives = op.security || spec.security || [];
  return alternatives.length ? alternatives.flatMap(a => a.bearer || []) : undefined;
}

export function needs(op) {
  const rights = rightsOf(op);
  if (!rights) return 'no login';
  return rights.join(' or ') || 'any login';
}
