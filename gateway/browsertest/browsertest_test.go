package browsertest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tetherd/gateway/browsertest"
)

const strict = "default-src 'none'; script-src 'self' 'nonce-n'; style-src 'self'; connect-src *; img-src 'self' data:"

// Everything that can be wrong with a page is told, and nothing of one that is in order.
func TestComplaints(t *testing.T) {
	b := browsertest.Start(t)
	other := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(other.Close)
	for _, tt := range []struct{ name, body, want string }{
		{"in order", `<h1>Hello</h1><script nonce="n">console.log("fine"); document.title = "done"</script>`, ""},
		{"error", `<script nonce="n">console.error("alas", 1)</script>`, "console.error: alas 1"},
		{"warning", `<script nonce="n">console.warn("oh")</script>`, "console.warning: oh"},
		{"exception", `<script nonce="n">nothing.there()</script>`, "nothing is not defined"},
		{"rejection", `<script nonce="n">Promise.reject(new Error("lost"))</script>`, "lost"},
		{"inline script", `<script>document.title = "hostile"</script>`, "Content Security Policy"},
		{"inline style", `<p style="color: red">red</p>`, "Content Security Policy"},
		{"inline handler", `<button onclick="1">x</button><script nonce="n">document.querySelector("button").click()</script>`, "Content Security Policy"},
		{"missing file", `<script src="missing.js"></script>`, "404"},
		{"other origin", `<script nonce="n">fetch("` + other.URL + `/x", {mode: "no-cors"}).catch(() => {})</script>`, "a request leaves "},
		{"no such server", `<script nonce="n">fetch("http://127.0.0.1:1/").catch(() => {})</script>`, "a request failed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := b.Open(t, serve(t, tt.body), browsertest.View{})
			if tt.want == "" {
				p.Until("document.title === 'done'")
				if got := p.Complaints(); len(got) != 0 {
					t.Errorf("got %q, want none", got)
				}
				return
			}
			var got []string
			for range 600 { // some are told some frames later
				got = append(got, p.Complaints()...)
				if slices.ContainsFunc(got, func(text string) bool { return strings.Contains(text, tt.want) }) {
					p.Until("document.readyState === 'complete'")
					p.Complaints() // what comes with it
					return
				}
				browsertest.Eval[float64](p, "new Promise(requestAnimationFrame)")
			}
			t.Errorf("got %q, want %q in it", got, tt.want)
		})
	}
}

// What a person does and sees can be done and seen.
func TestPage(t *testing.T) {
	b := browsertest.Start(t)
	address := serve(t, `<style nonce="n"></style><input><button>Go</button><p></p><script nonce="n">
		addEventListener("keydown", e => { if (e.key === "/") e.preventDefault(); });
		document.querySelector("button").addEventListener("click", () => {
			requestAnimationFrame(() => { document.querySelector("p").textContent = document.querySelector("input").value; });
		});
	</script>`)
	for _, tt := range []struct {
		view          browsertest.View
		width, height int
		dark, touch   bool
	}{
		{browsertest.View{}, 1280, 800, false, false},
		{browsertest.View{Width: 390, Height: 844, Dark: true}, 390, 844, true, true},
	} {
		t.Run(fmt.Sprint(tt.width), func(t *testing.T) {
			p := b.Open(t, address, tt.view)
			p.Complaints() // of the style element
			p.Type("input", "typed")
			p.Press("/Ü!")
			p.Click("button")
			p.Until(`document.querySelector("p").textContent === "typedÜ!"`)
			type seen struct {
				Width, Height int
				Dark, Touch   bool
			}
			got := browsertest.Eval[seen](p, `({width: innerWidth, height: innerHeight,
				dark: matchMedia("(prefers-color-scheme: dark)").matches, touch: navigator.maxTouchPoints > 0})`)
			if want := (seen{tt.width, tt.height, tt.dark, tt.touch}); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			dir := t.TempDir()
			t.Setenv("SCREENSHOTS", dir)
			p.Screenshot("page")
			if picture, err := os.ReadFile(filepath.Join(dir, "page.png")); err != nil || !strings.HasPrefix(string(picture), "\x89PNG") {
				t.Errorf("picture: %d bytes, %v", len(picture), err)
			}
		})
	}
}

// A login is that of one page.
func TestLogin(t *testing.T) {
	b := browsertest.Start(t)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		if r.URL.Path == "/closed" && user+password != "smsa@b:c" {
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, `<link rel="icon" href="data:,">`, "user ", user)
	}))
	t.Cleanup(s.Close)
	closed, err := url.Parse(s.URL + "/closed")
	if err != nil {
		t.Fatal(err)
	}
	closed.User = url.UserPassword("sms", "a@b:c")
	in, out := b.Open(t, closed.String(), browsertest.View{}), b.Open(t, s.URL+"/open", browsertest.View{})
	in.Goto(s.URL + "/open") // an address without a password
	for p, want := range map[*browsertest.Page]string{in: "user sms", out: "user "} {
		if got := browsertest.Eval[string](p, "document.body.textContent"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// serve returns the address of a page with a strict policy.
func serve(t *testing.T, body string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", strict)
		fmt.Fprint(w, `<!doctype html><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">`, body)
	}))
	t.Cleanup(s.Close)
	return s.URL + "/"
}
