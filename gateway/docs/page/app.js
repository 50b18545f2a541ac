// The page, built from the description and from nothing else.

import { el } from './dom.js';
import { intro } from './intro.js';
import { nav } from './nav.js';
import { operation } from './operation.js';
import { groups, load } from './spec.js';

const by = id => document.getElementById(id);

function build() {
  const all = groups();
  const sections = all.map(g => {
    const cards = g.operations.map(operation);
    const box = el('section', { id: g.id }, el('h2', {}, g.name), el('p', { class: 'dim' }, g.about || ''), ...cards);
    return { box, cards };
  });
  const cards = sections.flatMap(s => s.cards);
  const list = nav(all);
  const found = el('p', { id: 'found', role: 'status', hidden: true });
  by('nav').append(...list.boxes);
  const start = intro();
  by('main').replaceChildren(start, found, ...sections.map(s => s.box));

  const search = by('search');
  const find = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const ids = new Set();
    for (const s of sections) {
      const some = s.cards.filter(card => (card.hidden = !words.every(w => card.words.includes(w))) === false);
      s.box.hidden = some.length === 0;
      for (const card of some) ids.add(card.id);
    }
    start.hidden = found.hidden = words.length > 0;
    found.hidden = !start.hidden;
    found.textContent = `${ids.size} of ${cards.length} found`;
    list.show(ids, words.length > 0);
  };
  const forget = () => {
    search.value = '';
    find();
  };
  search.addEventListener('input', find);

  // show opens what the address names.
  const show = () => {
    const target = by(decodeURIComponent(location.hash.slice(1)));
    menu(false);
    if (!target) return;
    if (target.hidden || target.parentElement.hidden) forget();
    if (cards.includes(target)) {
      target.open = true;
      target.firstElementChild.focus({ preventScroll: true });
      list.current(target.id);
    }
    target.scrollIntoView();
  };
  addEventListener('hashchange', show);
  by('nav').addEventListener('click', e => { // also of what the address has already
    const link = e.target.closest('a');
    if (link && link.hash === location.hash) show();
  });
  for (const card of cards) {
    card.firstElementChild.addEventListener('click', () => { // it is not open yet
      if (!card.open) history.replaceState(null, '', '#' + card.id);
      list.current(card.open ? '' : card.id);
    });
  }

  addEventListener('keydown', e => {
    if (e.key === '/' && !e.target.closest('input, textarea, select')) {
      e.preventDefault();
      search.select();
    }
    if (e.key === 'Escape') menu(false);
  });
  search.addEventListener('keydown', e => {
    if (e.key === 'Escape') forget();
    const first = cards.find(card => !card.hidden);
    if (e.key !== 'Enter' || !search.value || !first) return;
    if (location.hash === '#' + first.id) show();
    else location.hash = first.id;
  });
  show();
}

// menu shows the list of operations on a narrow screen.
function menu(open) {
  by('menu').setAttribute('aria-expanded', open);
}
by('menu').addEventListener('click', () => menu(by('menu').getAttribute('aria-expanded') !== 'true'));

load().then(build).catch(e => {
  by('main').replaceChildren(el('p', { class: 'failed', role: 'alert' }, 'The description cannot be shown: ' + e.message));
});
