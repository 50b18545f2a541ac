package api

// Modem is one modem of the gateway.
type Modem struct {
	ID        string `json:"id"`        // its name
	SIMNumber int    `json:"simNumber"` // slot, from 1
	State     string `json:"state"`     // "ready", "starting", "absent", "blocked" or "waiting"
	Reason    string `json:"reason,omitempty"`
	Since     Time   `json:"since,omitzero"` // when State was entered

	Port         string `json:"port,omitempty"`       // when it is open
	SharedWith   string `json:"sharedWith,omitempty"` // other programs that have the port open
	Baud         int    `json:"baud,omitempty"`       // rate of a port with wires at its end
	Manufacturer string `json:"manufacturer,omitempty"`
	Model        string `json:"model,omitempty"`
	Revision     string `json:"revision,omitempty"`
	IMEI         string `json:"imei,omitempty"`

	SIM      ModemSIM      `json:"sim"`
	Network  ModemNetwork  `json:"network"`
	Signal   *ModemSignal  `json:"signal,omitempty"`  // nil while unknown
	Storage  *ModemStorage `json:"storage,omitempty"` // nil while unknown
	Counters ModemCounters `json:"counters"`
	Recovery ModemRecovery `json:"recovery"`
	Power    *ModemPower   `json:"power,omitempty"`   // nil unless a problem is suspected
	Setup    *ModemSetup   `json:"setup,omitempty"`   // nil until it was set up
	Balance  *ModemBalance `json:"balance,omitempty"` // nil unless it is asked for
}

// ModemBalance is the credit of a SIM.
type ModemBalance struct {
	Value float64 `json:"value"`           // as it was learnt last
	Text  string  `json:"text,omitempty"`  // the operator's answer
	At    Time    `json:"at,omitzero"`     // when; zero if it was never learnt
	Low   bool    `json:"low"`             // below the limit of the configuration
	Error string  `json:"error,omitempty"` // why the latest question failed
}

// Purged says how much was deleted from a modem.
type Purged struct {
	Modem    string `json:"modem"`
	Messages int    `json:"messages"`
}

// ModemSIM is the SIM in a modem.
type ModemSIM struct {
	ID          string `json:"id,omitempty"` // ICCID, else IMSI
	ICCID       string `json:"iccid,omitempty"`
	PhoneNumber string `json:"phoneNumber,omitempty"` // own number, if known
	SMSC        string `json:"smsc,omitempty"`        // service centre
}

// ModemNetwork is how a modem is registered.
type ModemNetwork struct {
	Operator     string `json:"operator,omitempty"`
	Stat         int    `json:"stat"`         // as the modem says it, 3GPP TS 27.007 §7.2
	Registration string `json:"registration"` // in words: "home", "roaming", "searching", "denied" …
	Registered   bool   `json:"registered"`   // so that SMS can be sent
}

// ModemSignal is how strong the network is received.
type ModemSignal struct {
	RSSI int `json:"rssi"` // 0–31, 3GPP TS 27.007 §8.5
	DBM  int `json:"dbm"`  // −113 and below to −51 and above
	Bars int `json:"bars"` // 0–5, as phones show it
}

// ModemStorage is the storage in which messages arrive.
type ModemStorage struct {
	Name     string `json:"name,omitempty"` // as the modem names it: ME, SM, MT …
	Used     int    `json:"used"`
	Capacity int    `json:"capacity"`
	// Foreign counts messages in any of the modem's storages that others stored to be
	// sent. They take up room and are left alone.
	Foreign int `json:"foreign"`
}

// ModemSetup is how a modem was set up last.
type ModemSetup struct {
	Profile         string        `json:"profile"`                   // family it is treated as
	Charset         string        `json:"charset,omitempty"`         // of its strings, 3GPP TS 27.007 +CSCS
	StoragesOffered string        `json:"storagesOffered,omitempty"` // its answer to +CPMS=?
	Storages        []string      `json:"storages"`                  // looked into, that for incoming messages first
	CNMIOffered     string        `json:"cnmiOffered,omitempty"`     // its answer to +CNMI=?
	CNMI            string        `json:"cnmi,omitempty"`            // setting in use, 3GPP TS 27.005 §3.4.1
	CSMS            *int          `json:"csms,omitempty"`            // message service in use; nil if it does not say
	Messages        string        `json:"messages"`                  // "stored", "direct" or "polled": how messages reach the gateway
	Reports         string        `json:"reports"`                   // how delivery reports do; "none" if they do not
	Oddities        []ModemOddity `json:"oddities"`
}

// ModemOddity is one thing in which a modem is not as others are.
type ModemOddity struct {
	Text    string `json:"text"`    // what it is and what to do
	Matters bool   `json:"matters"` // it takes something away from what the modem can be used for
}

// ModemCounters count over the life of a modem's record, restarts of the gateway
// included.
type ModemCounters struct {
	Sessions    uint64 `json:"sessions"`    // set-ups that succeeded
	Reboots     uint64 `json:"reboots"`     // of the modem, that nobody asked for
	PortLosses  uint64 `json:"portLosses"`  // ends of an open port
	BrownOuts   uint64 `json:"brownOuts"`   // of these two, those right after a PDU was handed over
	SentOK      uint64 `json:"sentOk"`      // parts the network accepted
	SentFailed  uint64 `json:"sentFailed"`  // parts refused, or not handed over
	SentUnknown uint64 `json:"sentUnknown"` // parts without an answer
	Received    uint64 `json:"received"`    // parts of messages taken in
	Reports     uint64 `json:"reports"`     // delivery reports taken in

	Steps map[string]uint64 `json:"steps"` // recovery steps taken, by name
}

// ModemRecovery is how far attempts to bring a modem back have come.
type ModemRecovery struct {
	Failing bool   `json:"failing"`          // steps are being taken
	Step    string `json:"step,omitempty"`   // the latest: "reopen", "init", "radio", "reboot", "usb", "command" or "wait"
	At      Time   `json:"at,omitzero"`      // when
	Reason  string `json:"reason,omitempty"` // why
	Next    string `json:"next,omitempty"`   // the step that comes next
	NextAt  Time   `json:"nextAt,omitzero"`  // not before
}

// ModemPower is the suspicion that a modem's supply is too weak.
type ModemPower struct {
	Reason string `json:"reason"` // what was seen and what to do
	Since  Time   `json:"since"`  // of the latest sign
}

// Restart is what a restart that was asked for will do.
type Restart struct {
	Modem string `json:"modem"`
	Step  string `json:"step"`
}
