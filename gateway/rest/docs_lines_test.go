package rest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"tetherd/gateway"
	"tetherd/gateway/api"
	"tetherd/gateway/browsertest"
)

// Requests can be made on the page; those that change something are asked for twice.
func TestDocsRequests(t *testing.T) {
	needShell(t)
	w := newWorld(t)
	p := w.docs(browsertest.Start(t), t, "/docs#sendMessage", browsertest.View{})
	p.Until(`document.querySelector("#sendMessage .send") !== null`)
	stored := func() string { return w.do("GET", "/messages", "").header.Get("X-Total-Count") }
	p.Click("#sendMessage .send")
	p.Until(`document.querySelector("#sendMessage .send.sure").textContent === "Really POST /messages"`)
	if got := stored(); got != "0" {
		t.Errorf("%s messages are stored before it is sure", got)
	}
	p.Click("#sendMessage .send")
	p.Until(`document.querySelector("#sendMessage .outcome").textContent.startsWith("202 Accepted in ")`)
	if got := stored(); got != "1" {
		t.Errorf("%s messages are stored, want 1", got)
	}
	p.Screenshot("docs request")

	// Whatever somebody types stays text: on the page, and in the line for a shell.
	const hostile = `It's <img src=x onerror="alert(1)"> $(id) \\ é`
	body, err := json.Marshal(map[string]any{"textMessage": map[string]string{"text": hostile}, "phoneNumbers": []string{"+4915112345678"}})
	if err != nil {
		t.Fatal(err)
	}
	browsertest.Eval[any](p, fmt.Sprintf(`void (area => {
		area.value = %q;
		area.dispatchEvent(new Event("input", {bubbles: true}));
	})(document.querySelector("#sendMessage textarea"))`, body))
	p.Click("#sendMessage .send")
	p.Click("#sendMessage .send.sure")
	p.Until(`document.querySelector("#sendMessage .outcome").textContent.includes("<img src=x")`)
	if n := browsertest.Eval[int](p, `document.querySelectorAll("main img").length`); n != 0 {
		t.Errorf("%d images are made of a text", n)
	}
	p.Click("#sendMessage .copied button")
	p.Until(`document.querySelector("#sendMessage .copied button").textContent === "Copied"`)
	line := strings.Replace(browsertest.Eval[string](p, `document.querySelector("#sendMessage .copied pre").textContent`), "-u sms ", "-sS -u sms:secret ", 1)
	out, err := exec.CommandContext(t.Context(), "sh", "-c", line).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s\n%s", err, out, line)
	}
	var sent api.Message
	if err := json.Unmarshal(out, &sent); err != nil || sent.TextMessage == nil || sent.TextMessage.Text != hostile {
		t.Errorf("got %s, want the text %s\n%s", out, hostile, line)
	}

	browsertest.Eval[any](p, `void (location.hash = "getHealth")`)
	p.Click("#getHealth .send")
	p.Until(`document.querySelector("#getHealth .outcome").textContent.includes('"releaseId"')`)
	for _, text := range p.Complaints() { // no modem is there
		if !strings.Contains(text, "/health") {
			t.Error(text)
		}
	}
}

// Every line for a shell on the page is a request that the gateway understands.
func TestDocsLines(t *testing.T) {
	needShell(t)
	w := newWorld(t, fakeModem{fullStatus})
	w.gateway.OptOut = &gateway.OptOutRules{}
	w.gateway.Balances = map[string]gateway.BalanceQuery{fullStatus.Modem: {Code: "*100#", Match: regexp.MustCompile(`(\d)`)}}
	p := w.docs(browsertest.Start(t), t, "/docs", browsertest.View{})
	browsertest.Eval[map[string]card](p, readCards)
	p.Type("#user", kb.End+":secret") // sms is there
	lines := browsertest.Eval[map[string]string](p, `Object.fromEntries([...document.querySelectorAll(".op:has(.send)")].map(c => [c.id, c.querySelector("pre").textContent]))`)
	if len(lines) < 80 {
		t.Fatalf("got %d lines", len(lines))
	}
	for _, id := range slices.Sorted(maps.Keys(lines)) {
		ask := "curl -sS -m 30 -o /dev/null -w '%{http_code}'"
		if id == "streamEvents" { // it does not end
			ask = "curl -s -m 1 -o /dev/null -w '%{http_code}'"
		}
		script := strings.Replace(lines[id], "curl", ask, 1)
		out, err := exec.CommandContext(t.Context(), "sh", "-c", script).CombinedOutput()
		if err != nil && id != "streamEvents" {
			t.Errorf("%s: %v %s\n%s", id, err, out, lines[id])
		}
		switch status := string(out); status {
		case fmt.Sprint(http.StatusBadRequest), fmt.Sprint(http.StatusForbidden), fmt.Sprint(http.StatusMethodNotAllowed), fmt.Sprint(http.StatusInternalServerError):
			t.Errorf("%s: got %s\n%s", id, status, lines[id])
		case fmt.Sprint(http.StatusUnauthorized):
			if id != "refreshToken" { // for which a token is needed
				t.Errorf("%s: got %s\n%s", id, status, lines[id])
			}
		}
	}
}

// needShell skips a test where lines for a shell cannot be run.
func needShell(t *testing.T) {
	t.Helper()
	for _, tool := range []string{"sh", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("lines for a shell are not tried: %v", err)
		}
	}
}
