package gateway

// ModemSetup tells how a modem was set up, and what was odd about it, for people. It
// is not changed once it is made.
type ModemSetup struct {
	Profile string `json:"profile"`           // family of modems it is treated as; "generic" for those that follow the standards
	Charset string `json:"charset,omitempty"` // of its strings, as +CSCS names it; empty if it refuses to be told

	StoragesOffered string   `json:"storagesOffered,omitempty"` // its answer to +CPMS=?; empty if there was none
	Storages        []string `json:"storages"`                  // that are looked into, the one where messages arrive first

	CNMIOffered string `json:"cnmiOffered,omitempty"` // its answer to +CNMI=?; empty if there was none
	CNMI        string `json:"cnmi,omitempty"`        // setting in use; empty if it accepts none
	CSMS        int    `json:"csms"`                  // message service in use, -1 if it does not say

	Messages Path `json:"messages"` // how incoming messages reach the gateway
	Reports  Path `json:"reports"`  // how delivery reports do

	Oddities []Oddity `json:"oddities,omitempty"`
}

// Path is how something that arrives at a modem reaches the gateway.
type Path string

// The paths.
const (
	PathStored Path = "stored" // the modem keeps it and says so
	PathDirect Path = "direct" // the modem hands it over and keeps nothing
	PathPolled Path = "polled" // the modem keeps it and says nothing: it is looked for
	PathNone   Path = "none"   // it is not known to get through
)

// Oddity is one thing in which a modem is not as others are.
type Oddity struct {
	Text    string `json:"text"`    // what it is, and what to do if anything can be done
	Matters bool   `json:"matters"` // it takes something away from what the modem can be used for
}
