package api

// Webhook is a registration: events of one type are posted to one URL.
type Webhook struct {
	ID     string `json:"id,omitempty"` // empty in a request: the gateway makes one
	URL    string `json:"url"`
	Event  string `json:"event"`            // such as "sms:received"
	Source string `json:"source,omitempty"` // "Local"; ignored in a request
	// DeviceID restricts a request to the gateway with this identity; answers leave
	// it out.
	DeviceID *string `json:"deviceId,omitempty"`
}
