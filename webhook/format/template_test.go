package format

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tetherd/gateway"
)

func TestTemplate(t *testing.T) {
	for _, c := range []struct {
		name, template, method, contentType string
		event                               gateway.EventType
		want, wantType                      string
	}{
		{
			"JSON is made a fixed point", "{\n  \"text\": {{ json .Text }},\n  \"n\": 1.0, \"2\": {{json .SIM}}\n}", "", "", gateway.EventReceived,
			`{"2":1,"text":"Hello! When are you open?","n":1}`, "application/json",
		},
		{"array", `[{{json .Event}}, {{json .PossibleDuplicate}}, {{json .Unix}}]`, "", "", gateway.EventSent, `["sms:sent",false,1782117969]`, "application/json"},
		{"JSON by another name", `{"a": 1.0}`, "PUT", "application/vnd.x+json; charset=utf-8", gateway.EventPing, `{"a":1}`, "application/vnd.x+json; charset=utf-8"},
		{
			"text", "{{.From}} ({{digits .From}}): {{truncate 5 .Text}}\n", "", "text/plain; charset=utf-8", gateway.EventReceived,
			"+15552223333 (15552223333): Hello\n", "text/plain; charset=utf-8",
		},
		{"form", `text={{urlquery .Text}}&to={{urlquery .To}}`, "", "application/x-www-form-urlencoded", gateway.EventReceived, `text=Hello%21+When+are+you+open%3F&to=%2B15550001111`, "application/x-www-form-urlencoded"},
		{"query", `text={{urlquery .Text}}&raw=a b"ü`, "GET", "", gateway.EventReceived, `text=Hello%21+When+are+you+open%3F&raw=a%20b%22%C3%BC`, ""},
		{
			"conditions", `{{if eq .Event "sms:failed"}}{{.Code}}{{else if .Text}}text{{else}}{{.Type | upper}}{{end}}{{with .Reason}} {{.}}{{end}}{{/* note */}}`, "", "text/plain",
			gateway.EventFailed, "CMS 27 The recipient's phone is switched off or out of coverage.", "text/plain",
		},
		{"defaults", `{{default "nobody" .From}} {{default 7 .SIM}} {{printf "%05d|%s" .Parts (lower .Event)}}`, "", "text/plain", gateway.EventPing, "nobody 7 00000|system:ping", "text/plain"},
		{"payload", `{{.Payload}}`, "", "", gateway.EventCallReceived, `{"receivedAt":"2026-06-22T15:46:09.999+07:00","hungUp":true,"sender":"+15552223333","simNumber":1,"phoneNumber":"+15552223333","modemId":"office"}`, "application/json"},
	} {
		in := goldenInput(t, gateway.FormatTemplate, c.event)
		in.Rendering.Template, in.Rendering.Method, in.Rendering.ContentType = c.template, c.method, c.contentType
		got, err := Render(in)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		want := Body{Method: c.method, ContentType: c.wantType, Bytes: []byte(c.want)}
		if want.Method == "" {
			want.Method = http.MethodPost
		}
		diff(t, c.name, want, got)
	}
}

func TestTarget(t *testing.T) {
	for _, c := range []struct{ method, url, query, want string }{
		{"GET", "https://example.com/x", "a=1", "https://example.com/x?a=1"},
		{"GET", "https://example.com/x?key=%2f", "a=1", "https://example.com/x?key=%2f&a=1"},
		{"GET", "https://example.com/x#top", "a=1", "https://example.com/x?a=1#top"},
		{"GET", "https://example.com/x", "", "https://example.com/x"},
		{"POST", "https://example.com/x", "a=1", "https://example.com/x"},
	} {
		b := Body{Method: c.method, Bytes: []byte(c.query)}
		diff(t, c.url, c.want, b.Target(c.url))
		if content := b.Content(); (c.method == "GET") != (content == nil) {
			t.Errorf("%s %s: content %q", c.method, c.url, content)
		}
	}
}

// A template may neither run for ever nor grow without bound.
func TestTemplateBounds(t *testing.T) {
	double := `{{$x := "ab"}}` + strings.Repeat(`{{$x = print $x $x}}`, 60) + `{{len $x}}`
	for _, c := range []struct{ name, template, err string }{
		{"empty", " \n", "must not be empty"},
		{"too long", strings.Repeat("a", maxTemplate+1), "16384 are allowed"},
		{"syntax", "{{.Text", "unclosed action"},
		{"unknown function", "{{env .Text}}", `function "env" not defined`},
		{"unknown field", "{{.Texxt}}", "can't evaluate field Texxt"},
		{"hidden field", "{{.in}}", "unexported field"},
		{"loop", "{{range 1000000000}}{{end}}", "no loops"},
		{"loop within", "{{if true}}{{with .Text}}{{range 9}}{{end}}{{end}}{{end}}", "no loops"},
		{"loop in else", "{{if true}}{{else}}{{range 9}}{{end}}{{end}}", "no loops"},
		{"recursion", `{{define "a"}}{{template "a"}}{{end}}{{template "a"}}`, "define and block are not available"},
		{"recursion of its own", `{{template "template"}}`, "no templates within templates"},
		{"block", `{{block "a" .}}{{end}}`, "define and block are not available"},
		{"doubling", double, "longer than 65536 bytes"},
		{"escapes", `{{$x := "\\"}}{{$x` + strings.Repeat(" | js", 60) + "}}", "longer than 65536 bytes"},
		{"wide", `{{printf "%1000000d" 1}}`, "width or precision"},
		{"wide by argument", `{{printf "%*d" 1000000 1}}`, "width or precision"},
		{"precise", `{{printf "%.1000000f" 1.5}}`, "width or precision"},
		{"wide by index", `{{printf "%[1]*[2]d" 1000000 1}}`, "width or precision"},
		{"no JSON value", `{{json .Payload.String}} {{json printf}}`, "wrong number of args"},
	} {
		in := goldenInput(t, gateway.FormatTemplate, gateway.EventReceived)
		in.Rendering.Template, in.Rendering.ContentType = c.template, "text/plain"
		b, err := Render(in)
		if err == nil || !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %d bytes, error %v, want one with %q", c.name, len(b.Bytes), err, c.err)
		}
	}
}

// The longest templates that do the most work end soon.
func TestTemplateWork(t *testing.T) {
	grow := `{{$x := printf "%999d" 1}}` + strings.Repeat(`{{$x = print $x $x}}`, 6)
	rest := `{{$y := js $x}}`
	in := goldenInput(t, gateway.FormatTemplate, gateway.EventReceived)
	in.Rendering.Template, in.Rendering.ContentType = grow+strings.Repeat(rest, (maxTemplate-len(grow))/len(rest)), "text/plain"
	start := time.Now()
	if _, err := Render(in); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %v", took)
	} else {
		t.Logf("took %v", took)
	}
}

// Of a text that is too long the template sees that it was left out.
func TestTemplateTooLong(t *testing.T) {
	in := goldenInput(t, gateway.FormatTemplate, gateway.EventReceived)
	in.Rendering.Template = `{"a":{{json .Text}},"b":{{json .Text}},"thin":{{json .Thin}}}`
	p := in.Event.Payload.(gateway.MessageReceived)
	p.Text = strings.Repeat("a", 39_015)
	in.Event.Payload = p
	b, err := Render(in)
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "body", `{"a":"","b":"","thin":true}`, string(b.Bytes))
	in.Rendering.Template, in.Rendering.Method = `text={{urlquery .Text}}`, "GET"
	if b, err = Render(in); err != nil || !b.Thin {
		t.Errorf("%d bytes, thin %v, %v", len(b.Bytes), b.Thin, err)
	}
}

func TestCheckRendering(t *testing.T) {
	received := []gateway.EventType{gateway.EventReceived}
	for _, c := range []struct {
		name   string
		r      gateway.Rendering
		events []gateway.EventType
		err    string // part of it; empty: none
	}{
		{"default", gateway.Rendering{}, gateway.EventTypes, ""},
		{"unknown format", gateway.Rendering{Format: "telegram"}, received, "format must be smsgate, infinireach"},
		{"documented", gateway.Rendering{Format: "infinireach"}, received, ""},
		{"not documented", gateway.Rendering{Format: "infinireach"}, []gateway.EventType{gateway.EventPing}, "events must not contain system:ping with format infinireach"},
		{"extended", gateway.Rendering{Format: "infinireach", Extended: true}, gateway.EventTypes, ""},
		{"standard", gateway.Rendering{Format: "standard"}, gateway.EventTypes, ""},
		{"template elsewhere", gateway.Rendering{Format: "standard", Template: "x"}, received, "template is for format template"},
		{"method elsewhere", gateway.Rendering{Method: "GET"}, received, "method must be POST with format smsgate"},
		{"kind elsewhere", gateway.Rendering{Kind: "status"}, received, "kind is for format smobi"},
		{"content type elsewhere", gateway.Rendering{Format: "integify", ContentType: "text/plain"}, received, "contentType must be application/json with format integify"},
		{"content type of CloudEvents", gateway.Rendering{Format: "cloudevents", ContentType: "application/json"}, received, ""},
		{"other of CloudEvents", gateway.Rendering{Format: "cloudevents", ContentType: "text/plain"}, received, "contentType must be application/cloudevents+json or application/json"},
		{"signature", gateway.Rendering{Signature: "github"}, received, ""},
		{"unknown signature", gateway.Rendering{Signature: "gitlab"}, received, "signature must be github, stripe or left out"},
		{"template", gateway.Rendering{Format: "template", Template: `{"a":{{json .Text}}}`}, gateway.EventTypes, ""},
		{"template on everything", gateway.Rendering{Format: "template", Template: `{"a":{{json .Payload}}}`}, nil, ""},
		{"no template", gateway.Rendering{Format: "template"}, received, "template must not be empty"},
		{"method", gateway.Rendering{Format: "template", Template: "x", Method: "DELETE"}, received, "method must be POST, PUT or GET"},
		{"bad content type", gateway.Rendering{Format: "template", Template: "x", ContentType: "text\r\nX: y"}, received, "contentType must be a media type"},
		{"content type of GET", gateway.Rendering{Format: "template", Template: "x", Method: "GET", ContentType: "text/plain"}, received, "contentType must be left out"},
		{"no JSON", gateway.Rendering{Format: "template", Template: "{{.Text}}"}, received, "template cannot be used: template output for sms:received is not JSON"},
		{"scalar", gateway.Rendering{Format: "template", Template: "{{json .Text}}"}, received, "neither an object nor an array"},
		{"not escaped", gateway.Rendering{Format: "template", Template: `{"a":"{{.Text}}"}`}, received, "write {{json .Text}}"},
		{"not escaped, not a message", gateway.Rendering{Format: "template", Template: `{"a":"{{.Text}}"}`}, []gateway.EventType{gateway.EventPing}, ""},
		{"typo", gateway.Rendering{Format: "template", Template: `{"a":{{json .Messge}}}`}, received, "can't evaluate field Messge"},
	} {
		err := CheckRendering(&c.r, c.events)
		switch {
		case c.err == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.err)
		}
	}
}

// Whatever a template says, rendering ends with an error or a body within bounds.
func FuzzTemplate(f *testing.F) {
	f.Add(`{"a":{{json .Text}}}`, "GET", "")
	f.Add(`{{with $x := .Payload}}{{printf "%s%v" $x $x.String}}{{end}}`, "", "text/plain")
	f.Add(`{{$x := js "\\" | js}}{{index $x 0}}{{slice $x 1}}`, "PUT", "")
	f.Fuzz(func(t *testing.T, text, method, contentType string) {
		r := gateway.Rendering{Format: gateway.FormatTemplate, Template: text, Method: method, ContentType: contentType}
		if CheckRendering(&r, []gateway.EventType{gateway.EventReceived, gateway.EventPing}) != nil {
			return
		}
		in := goldenInput(t, gateway.FormatTemplate, gateway.EventReceived)
		in.Rendering = r
		b, err := Render(in)
		if err != nil {
			t.Skip() // it may depend on the text
		}
		if len(b.Bytes) > MaxBody {
			t.Errorf("%d bytes", len(b.Bytes))
		}
		if method != "GET" && isJSON(b.ContentType) {
			diff(t, "in JavaScript", jsonAgain(t, b.Bytes), string(b.Bytes))
		}
	})
}
