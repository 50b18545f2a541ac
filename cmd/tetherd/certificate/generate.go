package certificate

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"slices"
	"strings"
	"time"
)

// lifetime is how long a generated certificate is valid: whoever trusts it has to be
// told of the next.
const lifetime = 10 * 365 * 24 * time.Hour

// Names are what a certificate is for.
type Names struct {
	Hosts []string
	Addrs []net.IP
}

// HostNames returns the names and addresses under which others may reach a machine
// with this name.
func HostNames(host string, addrs []net.Addr) Names {
	n := Names{Hosts: []string{"localhost"}, Addrs: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}}
	if host = strings.TrimSuffix(host, "."); host != "" && host != "localhost" {
		n.Hosts = append(n.Hosts, host)
		if !strings.Contains(host, ".") {
			n.Hosts = append(n.Hosts, host+".local") // as multicast DNS has it
		}
	}
	for _, a := range addrs {
		ip, _, err := net.ParseCIDR(a.String())
		if err != nil || ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsMulticast() {
			continue
		}
		if !slices.ContainsFunc(n.Addrs, ip.Equal) {
			n.Addrs = append(n.Addrs, ip)
		}
	}
	return n
}

// Generate makes a certificate that signs itself, with its key (ECDSA P-256), both
// in PEM. It is valid for ten years, from some time before now: clocks may be wrong.
func Generate(n Names, now time.Time) (cert, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("generate key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, nil, fmt.Errorf("generate serial number: %w", err)
	}
	// It is no CA: who installs it must not trust the gateway to vouch for others.
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: "tetherd " + n.Hosts[len(n.Hosts)-1]},
		NotBefore:             now.Add(-24 * time.Hour),
		NotAfter:              now.Add(lifetime),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		DNSNames:              n.Hosts,
		IPAddresses:           n.Addrs,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return nil, nil, fmt.Errorf("sign certificate: %w", err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, fmt.Errorf("encode key: %w", err)
	}
	cert = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	key = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
	return cert, key, nil
}
