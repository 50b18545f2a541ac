package api

// Egress is how requests to webhooks leave this machine, for the lists of those who
// let in certain addresses only.
type Egress struct {
	Policy    string          `json:"policy"`
	Proxy     string          `json:"proxy,omitempty"`
	Addresses []EgressAddress `json:"addresses"`
}

// EgressAddress is an address that requests come from.
type EgressAddress struct {
	Towards   string `json:"towards"` // such as "the internet"
	Address   string `json:"address"` // behind a router, the receiver sees that of the router instead
	Interface string `json:"interface,omitempty"`
}
