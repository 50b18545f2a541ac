package egress

import (
	"net"
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

func TestClassify(t *testing.T) {
	for addr, want := range map[string]addressClass{
		"8.8.8.8": public, "192.169.0.1": public, "172.32.0.1": public, "100.128.0.1": public, "2a00:1450::1": public,
		"128.0.0.1": public, "223.255.255.255": public,
		"10.1.2.3": private, "172.16.0.1": private, "172.31.255.255": private, "192.168.1.1": private,
		"100.64.0.1": private, "100.127.255.255": private, "fc00::1": private, "fdff::1": private, "fd00:ec3::254": private,
		"127.0.0.1": loopback, "127.255.255.254": loopback, "::1": loopback,
		"0.0.0.0": forbidden, "0.1.2.3": forbidden, "::": forbidden, "169.254.169.254": forbidden, "fe80::1": forbidden,
		"fd00:ec2::254": forbidden, "224.0.0.1": forbidden, "239.255.255.255": forbidden, "ff02::1": forbidden,
		"255.255.255.255": forbidden, "240.0.0.1": forbidden, "192.0.0.1": forbidden, "192.88.99.1": forbidden,
		"198.18.0.1": forbidden, "198.19.255.255": forbidden, "192.0.2.1": forbidden, "198.51.100.1": forbidden,
		"203.0.113.1": forbidden, "100::1": forbidden, "2001:db8::1": forbidden, "3fff::1": forbidden, "5f00::1": forbidden,
		"fec0::1": forbidden, "::7f00:1": forbidden, "::ffff:0:127.0.0.1": forbidden, "2001:2::1": forbidden,
	} {
		if got := classify(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: got %s, want %s", addr, got, want)
		}
	}
	if got := classify(netip.Addr{}); got != forbidden {
		t.Errorf("invalid address: got %s", got)
	}
}

func TestUnwrap(t *testing.T) {
	for addr, want := range map[string]string{
		"1.2.3.4":                              "1.2.3.4",
		"2a00::1":                              "2a00::1",
		"fe80::1%eth0":                         "fe80::1",
		"::ffff:169.254.169.254":               "169.254.169.254",
		"64:ff9b::a9fe:a9fe":                   "169.254.169.254",
		"64:ff9b:1::a9fe:a9fe":                 "169.254.169.254",
		"64:ff9b:1:abcd::a9fe:a9fe":            "169.254.169.254",
		"64:ff9b:1:a9fe:a9:fe00::":             "invalid IP", // 169.254.169.254 under a /48
		"64:ff9b:2::a9fe:a9fe":                 "64:ff9b:2::a9fe:a9fe",
		"2002:a9fe:a9fe::1":                    "169.254.169.254",
		"2001:0:4136:e378:8000:63bf:5601:5601": "65.54.227.120 169.254.169.254",
		"2001:0:a9fe:a9fe:8000:63bf:f7f7:f7f7": "169.254.169.254 8.8.8.8",
		"2001:1::1":                            "2001:1::1",
	} {
		var got []string
		for _, a := range unwrap(netip.MustParseAddr(addr)) {
			got = append(got, a.String())
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s: got %s, want %s", addr, s, want)
		}
	}
}

func TestCheckURL(t *testing.T) {
	refused := ErrURL.Error()
	const (
		fine  = ""
		never = "url must not point to "
	)
	for _, c := range []struct {
		url                 string
		home, https, strict string // beginning of the error
	}{
		{"https://example.com/hook?key=1#x", fine, fine, fine},
		{"HTTPS://user:pass@example.com:8443/", fine, fine, fine},
		{"http://127.0.0.1/", fine, fine, refused},
		{"http://127.0.0.1:8123/api", fine, fine, refused},
		{"HTTP://127.0.0.1", fine, fine, refused},
		{"http://[::1]:80/", fine, fine, refused},
		{"http://localhost:1880/", fine, fine, refused},
		{"http://homeassistant:8123/", fine, refused, refused}, // judged when it is resolved
		{"http://192.168.1.5/", fine, refused, refused},
		{"http://[fd12::1]/", fine, refused, refused},
		{"http://[::ffff:192.168.1.5]/", fine, refused, refused},
		{"http://8.8.8.8/", refused, refused, refused},
		{"http://[64:ff9b::808:808]/", refused, refused, refused},
		{"https://192.168.1.5/", fine, fine, never},
		{"https://127.0.0.1/", fine, fine, never},
		{"https://[::ffff:10.0.0.1]/", fine, fine, never},
		{"https://8.8.8.8/", fine, fine, fine},
		{"https://169.254.169.254/latest/meta-data", never, never, never},
		{"http://169.254.169.254/latest/meta-data", never, never, refused},
		{"https://[fe80::1%25eth0]/", never, never, never},
		{"https://[2002:a9fe:a9fe::1]/", never, never, never},
		{"https://0.0.0.0/", never, never, never},
		{"ftp://example.com/", refused, refused, refused},
		{"//example.com/", refused, refused, refused},
		{"", refused, refused, refused},
		{"example.com", refused, refused, refused},
		{"https://", refused, refused, refused},
		{"https:///path", refused, refused, refused},
		{"https://exa mple.com/", refused, refused, refused},
		{"https://example.com:99999/", "url must have a port", "url must have a port", "url must have a port"},
		{"https://example.com:25/", "url must not have the port 25", "url must not have the port 25", "url must not have the port 25"},
		{"https://example.com:0/", "url must have a port", "url must have a port", "url must have a port"},
	} {
		for p, want := range map[Policy]string{PolicyHome: c.home, PolicyHTTPSOnly: c.https, PolicyStrict: c.strict} {
			got := ""
			if err := (&rules{policy: p}).checkURL(c.url); err != nil {
				got = err.Error()
			}
			if want == "" && got != "" || !strings.HasPrefix(got, want) {
				t.Errorf("%s, %s: got %q, want %q…", p, c.url, got, want)
			}
			if strings.Contains(got, "pass") || strings.Contains(got, "key=") {
				t.Errorf("%s: error shows a secret: %s", c.url, got)
			}
		}
	}
	for _, p := range []Policy{PolicyHome, PolicyHTTPSOnly, PolicyStrict} {
		if err := (&rules{policy: p}).checkURL("http://8.8.8.8/"); err == nil || !strings.Contains(err.Error(), "webhooks.policy is "+string(p)) {
			t.Errorf("%s: error does not name the setting: %v", p, err)
		}
	}
}

func TestPolicyValid(t *testing.T) {
	for p, want := range map[Policy]bool{PolicyHome: true, PolicyHTTPSOnly: true, PolicyStrict: true, "": false, "Home": false} {
		if got := p.Valid() == nil; got != want {
			t.Errorf("%q: got %t, want %t", p, got, want)
		}
	}
}

// What checkURL accepts of literal addresses is what the guard lets through.
func FuzzCheckURL(f *testing.F) {
	for _, s := range []string{"https://example.com/", "http://127.0.0.1:1", "http://[::ffff:1.2.3.4]/", "https://[fe80::1%25a]:3/", "http://2130706433/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		for _, p := range []Policy{PolicyHome, PolicyHTTPSOnly, PolicyStrict} {
			if (&rules{policy: p}).checkURL(raw) != nil {
				continue
			}
			u, err := url.Parse(raw)
			if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
				t.Fatalf("%s accepts %q", p, raw)
			}
			a, err := netip.ParseAddr(u.Hostname())
			if err != nil {
				continue
			}
			g := newGuard(rules{policy: p}, u.Scheme == "http", nil, net.Dialer{})
			if err := g.judge(netip.AddrPortFrom(a, 80).String(), false); err != nil {
				t.Errorf("%s accepts %q, the guard does not: %v", p, raw, err)
			}
		}
	})
}
