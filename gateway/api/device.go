package api

// Device is the gateway itself.
type Device struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	CreatedAt Time      `json:"createdAt"` // when the gateway was started
	UpdatedAt Time      `json:"updatedAt"`
	LastSeen  Time      `json:"lastSeen"`
	SIMCards  []SIMCard `json:"simCards"`
}

// SIMCard is a SIM that a modem of the gateway has read.
type SIMCard struct {
	SlotIndex   int    `json:"slotIndex"` // from 0
	SIMNumber   int    `json:"simNumber"` // from 1
	PhoneNumber string `json:"phoneNumber,omitempty"`
	CarrierName string `json:"carrierName,omitempty"`
	ICCID       string `json:"iccid,omitempty"`
	ModemID     string `json:"modemId,omitempty"`
}

// Greeting is what the root of the API answers to valid credentials.
type Greeting struct {
	Status string `json:"status"` // "ok"
	Model  string `json:"model"`
}
