package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// The modes of TLS.
const (
	TLSOff   = "off"   // plain HTTP
	TLSAuto  = "auto"  // with a certificate made at the first start
	TLSFiles = "files" // with the certificate in files
)

// TLS is how connections to the API are encrypted.
type TLS struct {
	Mode              string
	CertFile, KeyFile string // with TLSFiles
}

// Network is who may connect to the API, and from where.
type Network struct {
	Allow          []netip.Prefix // empty: everybody
	TrustedProxies []netip.Prefix // whose headers tell where requests come from
	Hosts          []string       // names under which the API is asked for; lower case; empty: any
	CORSOrigins    []string       // pages that may call the API, such as https://panel.example; lower case
}

// tls returns how connections are encrypted.
func (b *builder) tls() TLS {
	t := TLS{Mode: b.choice("tls.mode", TLSOff, TLSAuto, TLSFiles)}
	for _, f := range []struct {
		path string
		file *string
	}{{"tls.cert_file", &t.CertFile}, {"tls.key_file", &t.KeyFile}} {
		path := f.path
		v, given := b.values[path]
		switch {
		case t.Mode == TLSFiles && (!given || v.text == ""):
			b.problem(b.get("tls.mode").source, path, "is missing: with tls.mode files it names a file in PEM")
		case t.Mode != TLSFiles && t.Mode != "" && given:
			b.problem(v.source, path, "is of no use with tls.mode %s: set tls.mode to files, or remove it", t.Mode)
		case given:
			*f.file = b.path(path)
		}
	}
	return t
}

// prefixes returns blocks of addresses; a single address is one, too.
func (b *builder) prefixes(path string) (out []netip.Prefix) {
	for _, word := range b.words(path) {
		p, err := netip.ParsePrefix(word)
		if err != nil {
			var a netip.Addr
			if a, err = netip.ParseAddr(word); err == nil && a.Zone() == "" {
				a = a.Unmap()
				p = netip.PrefixFrom(a, a.BitLen())
			}
		}
		if err != nil || !p.IsValid() {
			b.bad(path, b.get(path), "has %q, which is neither an address, such as 192.168.1.5, nor a block of them, such as 192.168.1.0/24", shorten(word))
			return nil
		}
		if p != p.Masked() {
			b.bad(path, b.get(path), "has %s, which has more digits than its length says: write %s", p, p.Masked())
			return nil
		}
		if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(a.Unmap(), p.Bits()-96) // as addresses are compared
		}
		out = append(out, p)
	}
	return out
}

// hosts returns names of machines.
func (b *builder) hosts(path string) (out []string) {
	for _, word := range b.words(path) {
		name := strings.TrimSuffix(strings.ToLower(word), ".")
		if name == "" || strings.ContainsAny(name, ":/*@[]") {
			b.bad(path, b.get(path), "has %q, which is not the name of a machine: write it without scheme and port, such as sms.example.org", shorten(word))
			return nil
		}
		out = append(out, name)
	}
	return out
}

// origins returns where pages of a browser come from (RFC 6454 §6.2).
func (b *builder) origins(path string) (out []string) {
	for _, word := range b.words(path) {
		u, err := url.Parse(word)
		ok := err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && !strings.Contains(u.Host, "*") &&
			word == fmt.Sprintf("%s://%s", u.Scheme, u.Host)
		if !ok {
			b.bad(path, b.get(path), "has %q, which is not where pages come from: write scheme, host and port if it has one, such as https://panel.example", shorten(word))
			return nil
		}
		out = append(out, strings.ToLower(word))
	}
	return out
}
