// Elements. Text is only ever set as text: nothing that the gateway answers becomes markup.

export function el(name, attributes, ...children) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith('on')) e.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) e.setAttribute(key, value);
  }
  e.append(...children.filter(c => c !== undefined && c !== null && c !== ''));
  return e;
}

// later returns a details element that is filled when it is first opened.
export function later(attributes, summary, fill) {
  const box = el('details', attributes, summary);
  const once = () => {
    if (!box.open) return;
    box.removeEventListener('toggle', once);
    box.append(...[].concat(fill()));
  };
  box.addEventListener('toggle', once);
  return box;
}

// copyable shows a text that a button copies; update shows it anew.
export function copyable(text, label) {
  const pre = el('pre', { tabindex: 0, 'aria-label': label });
  const button = el('button', { type: 'button', 'aria-label': 'Copy ' + label }, 'Copy');
  button.addEventListener('click', async () => {
    button.textContent = await copy(pre) ? 'Copied' : 'Marked';
    setTimeout(() => { button.textContent = 'Copy'; }, 1500);
  });
  const box = el('div', { class: 'copied' }, pre, button);
  box.update = () => pre.replaceChildren(...coloured(text()));
  box.update();
  return box;
}

// copy copies the text of an element, or at least marks it.
async function copy(e) {
  try {
    await navigator.clipboard.writeText(e.textContent);
    return true;
  } catch { // it is not there without TLS
    getSelection().selectAllChildren(e);
    return document.execCommand('copy');
  }
}

// coloured returns JSON with its tokens in elements, and anything else as it is.
export function coloured(text) {
  if (!/^[{[]/.test(text)) return [text];
  return text.split(/("(?:[^"\\]|\\.)*"(?:\s*:)?|\b(?:true|false|null)\b|-?\b\d[\d.eE+-]*)/).map((part, i) => {
    if (i % 2 === 0) return part;
    if (part.endsWith(':')) return el('span', { class: 'key' }, part);
    return el('span', { class: part.startsWith('"') ? 'string' : 'value' }, part);
  });
}
