// The list of operations beside the content, and the search in it.

import { el } from './dom.js';

// nav returns the list of groups, and shows in it what is opened and found.
export function nav(groups) {
  const sections = groups.map(g => {
    const links = g.operations.map(o => {
      const link = el('a', { href: '#' + o.op.operationId },
        el('span', { class: 'method ' + o.method }, o.method === 'delete' ? 'DEL' : o.method.toUpperCase()), o.method === 'event' ? o.path : o.op.summary);
      return { id: o.op.operationId, link };
    });
    const box = el('details', {}, el('summary', {}, g.name, el('span', { class: 'count' }, String(g.operations.length))), ...links.map(l => l.link));
    return { id: g.id, box, links };
  });
  return {
    boxes: sections.map(s => s.box),

    // current marks an operation.
    current(id) {
      for (const s of sections) {
        for (const l of s.links) {
          if (l.id !== id) { l.link.removeAttribute('aria-current'); continue; }
          l.link.setAttribute('aria-current', 'true');
          s.box.open = true;
          l.link.scrollIntoView({ block: 'nearest' });
        }
      }
    },

    // show lists only some operations, opened if it is a search that found them.
    show(found, searching) {
      for (const s of sections) {
        const some = s.links.filter(l => (l.link.hidden = !found.has(l.id)) === false);
        s.box.hidden = some.length === 0;
        if (searching) s.box.open = some.length > 0;
      }
    },
  };
}
