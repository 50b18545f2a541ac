package config

import (
	"net/netip"

	"tetherd/webhook/egress"
)

// allow returns what webhooks may be sent to whatever the policy.
func (b *builder) allow(path string) []string {
	entries := b.words(path)
	if _, err := egress.ParseAllow(entries); err != nil {
		b.problem(b.get(path).source, path, "%v", err)
	}
	return entries
}

// proxy returns the URL of a proxy.
func (b *builder) proxy(path string) string {
	v, ok := b.values[path]
	if !ok || v.text == "" {
		return ""
	}
	if _, err := egress.ParseProxy(v.text); err != nil {
		b.bad(path, v, "cannot be used: %v", err)
	}
	return v.text
}

// ownAddress returns an address that connections can be made from.
func (b *builder) ownAddress(path string) netip.Addr {
	v := b.get(path)
	if v.text == "" {
		return netip.Addr{}
	}
	a, err := netip.ParseAddr(v.text)
	if err != nil || a.IsUnspecified() || a.IsMulticast() {
		b.bad(path, v, "is not an address of this machine, such as 192.168.1.5")
	}
	return a
}
