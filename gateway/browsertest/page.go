package browsertest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// View is how a page is looked at. Zero is a window of 1280 by 800 that is light.
type View struct {
	Width, Height int64 // CSS pixels; a Width below 600 is a phone, which is touched
	Dark          bool  // the person prefers dark colours
}

// Page is a tab of a [Browser]. Its methods end the test if they cannot do what they are
// for; none is safe for concurrent use.
type Page struct {
	t    testing.TB
	ctx  context.Context
	with *complaints
}

// Open opens a page and waits until it is loaded. The address may have a user and a
// password, with which the browser logs in when it is asked to. The page closes with the
// test, which fails if there are complaints.
func (b *Browser) Open(t testing.TB, address string, v View) *Page {
	t.Helper()
	if v.Width == 0 || v.Height == 0 {
		v.Width, v.Height = 1280, 800
	}
	p := &Page{t: t, with: &complaints{}}
	var cancel context.CancelFunc
	p.ctx, cancel = chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(p.with.notice))
	t.Cleanup(func() {
		for _, text := range p.Complaints() {
			t.Error(text)
		}
		cancel()
	})
	// What the first action is given bounds the life of the tab.
	if err := chromedp.Do(p.ctx); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	var size []chromedp.EmulateViewportOption
	if v.Width < 600 {
		size = append(size, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait)
	}
	colours := "light"
	if v.Dark {
		colours = "dark"
	}
	p.do("look at it", chromedp.EmulateViewport(v.Width, v.Height, size...))
	p.do("look at it", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: colours}},
		})
		return err
	}))
	p.Goto(address)
	return p
}

// Goto follows an address and waits until its page is loaded.
func (p *Page) Goto(address string) {
	p.t.Helper()
	p.do("open "+address, chromedp.Navigate(address))
}

// Click clicks the first element that a CSS selector finds, when it is visible.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.do("click "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// Type types a text into the first element that a CSS selector finds.
func (p *Page) Type(selector, text string) {
	p.t.Helper()
	p.do("type into "+selector, chromedp.SendKeys(chromedp.CSS(selector), text))
}

// Press presses keys one after the other, wherever the focus is. Those without a
// character are constants of chromedp's package kb. As with a keyboard, a key that the
// page takes for itself types nothing.
func (p *Page) Press(keys string) {
	p.t.Helper()
	p.do("press "+strconv.Quote(keys), chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		for _, r := range keys {
			events := kb.Encode(r)
			if len(events) == 3 { // down, character and up: the character would come in any case
				events[0].Text, events[0].UnmodifiedText = events[1].Text, events[1].UnmodifiedText
				events = slices.Delete(events, 1, 2)
			}
			for _, e := range events {
				if _, err := chromedp.Call(ctx, input.DispatchKeyEvent, *e); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

// Until waits until a JavaScript expression is true. It is evaluated by the browser and
// not by the page, so that its Content-Security-Policy does not matter.
func (p *Page) Until(expression string) {
	p.t.Helper()
	// Frames come as long as a page is shown, also if nothing in it changes.
	Eval[bool](p, fmt.Sprintf(`new Promise(resolve => {
		const look = () => { if (%s) resolve(true); else requestAnimationFrame(look); };
		look();
	})`, expression))
}

// Eval evaluates a JavaScript expression and returns what it comes, or resolves, to.
func Eval[T any](p *Page, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("evaluate %s: %v", expression, err)
	}
	return v
}

// Complaints returns what was wrong with the page, and forgets it.
func (p *Page) Complaints() []string {
	p.t.Helper()
	Eval[bool](p, "true") // what the page did before is told before the answer
	return p.with.take()
}

// Screenshot leaves a picture of what is seen, called name, in the folder that the
// environment variable SCREENSHOTS names. It does nothing if there is none.
func (p *Page) Screenshot(name string) {
	p.t.Helper()
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.MkdirAll(dir, 0o777)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o666)
	}
	if err != nil {
		p.t.Errorf("picture %s: %v", name, err)
	}
}

func (p *Page) do(what string, action chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, action); err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
}
