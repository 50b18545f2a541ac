package rest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"

	"tetherd/gateway/browsertest"
)

// card is what the documentation shows of an operation.
type card struct {
	Method, Path, Right string
	Statuses            []string
	Parameters          []string
}

// readCards returns the operations of the documentation, all of them opened.
const readCards = `(() => {
	const cards = [...document.querySelectorAll(".op")];
	for (const c of cards) c.open = true;
	const texts = (c, selector) => [...c.querySelectorAll(selector)].map(e => e.textContent);
	return new Promise(resolve => {
		const look = () => {
			if (!cards.every(c => c.querySelector(".inside"))) { requestAnimationFrame(look); return; }
			resolve(Object.fromEntries(cards.map(c => [c.id, {
				method: texts(c, ".method")[0], path: texts(c, "h3")[0], right: texts(c, ".right")[0] || "",
				statuses: texts(c, ".status").sort(), parameters: texts(c, "label.input > code").sort(),
			}])));
		};
		look();
	});
})()`

// openAll opens everything that can be opened, as often as something new can be, but the
// mistakes of one operation only: they are the same for all, and many.
const openAll = `new Promise(resolve => {
	let calm = 0;
	const look = () => {
		const closed = [...document.querySelectorAll("main details:not([open])")].filter(d => !d.closest(".op ~ .op .errors, section:not(#tag-messages) .errors, .tree .tree .tree"));
		for (const d of closed) d.open = true;
		calm = closed.length ? 0 : calm + 1;
		if (calm > 5) resolve(true); else requestAnimationFrame(look);
	};
	look();
})`

// tooWide returns what is wider than the screen.
const tooWide = `(() => {
	const width = document.documentElement.clientWidth;
	if (document.documentElement.scrollWidth <= width) return [];
	return [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > width + 1).slice(0, 5).map(e => e.outerHTML.slice(0, 200));
})()`

// faint returns texts whose contrast is below that of WCAG 2.2, 1.4.3, level AA.
const faint = `(() => {
	const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
	const known = new Map();
	const rgba = colour => {
		if (!known.has(colour)) {
			canvas.clearRect(0, 0, 1, 1);
			canvas.fillStyle = colour;
			canvas.fillRect(0, 0, 1, 1);
			known.set(colour, [...canvas.getImageData(0, 0, 1, 1).data]);
		}
		return known.get(colour);
	};
	const light = c => c.slice(0, 3).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
		.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const behind = e => {
		for (; e; e = e.parentElement) {
			const c = rgba(getComputedStyle(e).backgroundColor);
			if (c[3] === 255) return c;
		}
		return [255, 255, 255, 255];
	};
	const found = {};
	for (const e of document.querySelectorAll("body *")) {
		if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !e.checkVisibility()) continue;
		const [a, b] = [light(rgba(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
		const ratio = (a + 0.05) / (b + 0.05);
		if (ratio < 4.5) found[e.tagName + "." + e.className] = ratio.toFixed(2) + " " + e.textContent.slice(0, 40);
	}
	return found;
})()`

// nameless returns what can be used and says nothing of what it is for.
const nameless = `[...document.querySelectorAll("a, button, input, select, textarea, summary")].filter(e =>
	!(e.getAttribute("aria-label") || [...(e.labels || [])].map(l => l.textContent).join("") || e.textContent).trim()).map(e => e.outerHTML.slice(0, 200))`

// The documentation shows every operation and every event of the description, in a
// browser that finds nothing wrong with it.
func TestDocsInBrowser(t *testing.T) {
	d := describedOrFail(t)
	w := newWorld(t)
	b := browsertest.Start(t)
	want := make(map[string]card)
	for _, o := range d.ops {
		c := card{Method: o.method, Path: o.path, Right: "no login", Statuses: slices.Sorted(maps.Keys(o.Responses.Map())), Parameters: []string{}}
		if rights := o.rights(); len(rights) > 0 {
			var names []string
			for _, s := range *o.Security {
				names = append(names, s["bearer"]...)
			}
			c.Right = strings.Join(names, " or ")
			if c.Right == "" {
				c.Right = "any login"
			}
		}
		for _, p := range o.Parameters {
			c.Parameters = append(c.Parameters, p.Value.Name)
		}
		slices.Sort(c.Parameters)
		want[o.OperationID] = c
	}
	for name := range d.doc.Webhooks {
		want[name] = card{Method: "EVENT", Path: name, Statuses: []string{"2XX"}, Parameters: []string{}}
	}
	for _, v := range []struct {
		name string
		browsertest.View
	}{
		{"phone", browsertest.View{Width: 390, Height: 844}},
		{"small phone, dark", browsertest.View{Width: 320, Height: 568, Dark: true}},
		{"window", browsertest.View{Width: 1280, Height: 800}},
		{"large window, dark", browsertest.View{Width: 1920, Height: 1080, Dark: true}},
	} {
		t.Run(v.name, func(t *testing.T) {
			p := w.docs(b, t, "/docs", v.View)
			p.Screenshot("docs " + v.name)
			shift := browsertest.Eval[float64](p, `new Promise(resolve => {
				let sum = 0;
				new PerformanceObserver(list => { for (const e of list.getEntries()) sum += e.value; }).observe({type: "layout-shift", buffered: true});
				requestAnimationFrame(() => requestAnimationFrame(() => resolve(sum)));
			})`)
			if shift > 0.1 {
				t.Errorf("what is seen first shifts by %.2f, want 0.1 at most", shift)
			}
			if diff := cmp.Diff(want, browsertest.Eval[map[string]card](p, readCards)); diff != "" {
				t.Errorf("operations (-described +shown)\n%s", diff)
			}
			browsertest.Eval[bool](p, openAll)
			if got := browsertest.Eval[[]string](p, tooWide); len(got) > 0 {
				t.Errorf("wider than the screen:\n%s", strings.Join(got, "\n"))
			}
			if got := browsertest.Eval[map[string]string](p, faint); len(got) > 0 {
				t.Errorf("hard to read: %v", got)
			}
			if got := browsertest.Eval[[]string](p, nameless); len(got) > 0 {
				t.Errorf("without a name:\n%s", strings.Join(got, "\n"))
			}
		})
	}
}

// docs opens the documentation at a path and waits until it is built.
func (w *world) docs(b *browsertest.Browser, t *testing.T, path string, v browsertest.View) *browsertest.Page {
	t.Helper()
	p := b.Open(t, strings.Replace(w.url, "://", "://sms:secret@", 1)+path, v)
	p.Until(`document.querySelector(".op, .failed") !== null`)
	return p
}

// Operations are found by searching, by links and by keys.
func TestDocsFinding(t *testing.T) {
	w := newWorld(t)
	b := browsertest.Start(t)
	shown := `[...document.querySelectorAll(".op")].filter(c => c.checkVisibility()).map(c => c.id)`
	opened := `[...document.querySelectorAll(".op[open]")].map(c => c.id).join()`
	inSight := func(id string) string {
		return fmt.Sprintf(`(r => r && r.top >= 0 && r.top < innerHeight)(document.getElementById(%q)?.getBoundingClientRect())`, id)
	}
	t.Run("search", func(t *testing.T) {
		p := w.docs(b, t, "/docs", browsertest.View{})
		all := browsertest.Eval[[]string](p, shown)
		p.Press("/")
		p.Press("cancel DELIVERY")
		if got, want := browsertest.Eval[[]string](p, shown), []string{"cancelDelivery"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if got, want := browsertest.Eval[string](p, `found.textContent`), fmt.Sprintf("1 of %d found", len(all)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		p.Press(kb.Enter)
		p.Until(opened + ` === "cancelDelivery"`)
		p.Press("/")
		p.Press("validUntil") // a field
		if got := browsertest.Eval[[]string](p, shown); !slices.Contains(got, "sendMessage") || len(got) > 5 {
			t.Errorf("by a field: got %v, want sendMessage among a few", got)
		}
		p.Press("nothing is called so")
		if got := browsertest.Eval[[]string](p, shown); len(got) != 0 {
			t.Errorf("got %v, want none", got)
		}
		p.Press(kb.Escape)
		if got := browsertest.Eval[[]string](p, shown); !slices.Equal(got, all) {
			t.Errorf("after Escape: got %d, want %d", len(got), len(all))
		}
	})
	t.Run("links", func(t *testing.T) {
		for _, prefix := range prefixes {
			p := w.docs(b, t, prefix+"/docs#revokeToken", browsertest.View{})
			p.Until(opened + ` === "revokeToken" && ` + inSight("revokeToken"))
			if got := browsertest.Eval[string](p, `document.querySelector("#revokeToken pre").textContent`); !strings.Contains(got, " '"+w.url+prefix+"/auth/token/") {
				t.Errorf("under %q: got %s", prefix, got)
			}
		}
		p := w.docs(b, t, "/docs#sms:received", browsertest.View{})
		p.Until(opened + ` === "sms:received" && ` + inSight("sms:received"))
		p.Goto(w.url + "/docs/index.html#tag-inbox")
		p.Until(inSight("tag-inbox"))
		// A sentence names an operation.
		browsertest.Eval[any](p, `void document.querySelector('#intro a[href="#issueToken"]').click()`)
		p.Until(inSight("issueToken"))
		p.Click("#greet > summary")
		p.Until(`location.hash === "#greet" && document.querySelector('nav a[aria-current]').hash === "#greet"`)
	})
	t.Run("phone", func(t *testing.T) {
		p := w.docs(b, t, "/docs", browsertest.View{Width: 390, Height: 844})
		p.Click("#menu")
		p.Screenshot("docs menu")
		p.Click("nav details:nth-of-type(2) > summary")
		p.Click(`nav a[href="#getInboxItem"]`)
		p.Until(inSight("getInboxItem") + ` && !document.querySelector("nav").checkVisibility()`)
		p.Screenshot("docs operation")
	})
	t.Run("keys", func(t *testing.T) {
		p := w.docs(b, t, "/docs", browsertest.View{})
		seen := make(map[string]bool)
		for range 25 { // past the address of the page, the search and the list
			p.Press(kb.Tab)
			seen[browsertest.Eval[string](p, `document.activeElement.closest("nav, main, search, .skip")?.className || document.activeElement.closest("nav, main, search")?.tagName || "?"`)] = true
		}
		if want := map[string]bool{"skip": true, "SEARCH": true, "NAV": true, "MAIN": true}; !maps.Equal(seen, want) && !seen["?"] {
			t.Errorf("keys reach %v, want %v", seen, want)
		}
	})
}
