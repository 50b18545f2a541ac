package rest

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"tetherd/gateway/api"
)

// TestBinBehindProxy has the URL of a bin be that which the client of a proxy can reach,
// if the proxy is trusted, and that which was asked for else.
func TestBinBehindProxy(t *testing.T) {
	trusted := Network{TrustedProxies: prefixesOf("127.0.0.1/32")}
	named := trusted
	named.Hosts = []string{"sms.example.org"}
	const proto, host = "X-Forwarded-Proto", "X-Forwarded-Host"
	for _, tt := range []struct {
		name    string
		network Network
		header  []string
		want    string // empty: the address of the server itself
	}{
		{"no proxy", trusted, nil, ""},
		{"HTTPS", trusted, []string{proto, "https"}, "https://HERE"},
		{"another name", trusted, []string{proto, "https", host, "sms.example.org"}, "https://sms.example.org"},
		{"with a client's address", trusted, []string{"X-Forwarded-For", "192.0.2.1", proto, "https", host, "sms.example.org:8443"}, "https://sms.example.org:8443"},
		{"two proxies", trusted, []string{proto, "https, http", host, "first.example, [2001:db8::1]:80"}, "http://[2001:db8::1]:80"},
		{"a name that is let in", named, []string{host, "SMS.example.org"}, "http://SMS.example.org"},
		{"a name that is not", named, []string{host, "evil.example"}, ""},
		{"not a name", trusted, []string{host, "a.example/path"}, ""},
		{"credentials", trusted, []string{host, "user@a.example"}, ""},
		{"nothing", trusted, []string{host, ""}, ""},
		{"a stranger's word", Network{}, []string{"X-Forwarded-For", "192.0.2.1", proto, "https", host, "evil.example"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorldWith(t, Options{Network: tt.network})
			s := httptest.NewServer(w.handler)
			t.Cleanup(s.Close)
			here := strings.TrimPrefix(s.URL, "http://")
			want := strings.Replace(tt.want, "HERE", here, 1)
			if want == "" {
				want = s.URL
			}
			req := httptest.NewRequest("POST", s.URL+"/api/v1/bins", nil)
			req.RequestURI = ""
			req.SetBasicAuth("sms", "secret")
			for i := 0; i < len(tt.header); i += 2 {
				req.Header.Set(tt.header[i], tt.header[i+1])
			}
			resp, err := s.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			var b api.Bin
			if err := json.NewDecoder(resp.Body).Decode(&b); err != nil || resp.StatusCode != 201 {
				t.Fatalf("got %d, %v", resp.StatusCode, err)
			}
			if want += "/api/v1/bin/" + b.ID; b.URL != want {
				t.Errorf("got %s, want %s", b.URL, want)
			}
		})
	}
}
