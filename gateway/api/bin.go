package api

// Bin keeps requests that are made to its URL, which needs no credentials, to be
// looked at.
type Bin struct {
	ID        string `json:"id"`
	URL       string `json:"url"`
	ExpiresAt Time   `json:"expiresAt"`
}

// BinRequests are the latest requests to a bin, newest first.
type BinRequests struct {
	ExpiresAt Time         `json:"expiresAt"`
	Dropped   int          `json:"dropped,omitempty"` // older ones that are not kept any more
	Requests  []BinRequest `json:"requests"`
}

// BinRequest is a request to a bin. All of it comes from whoever made it.
type BinRequest struct {
	At         Time                `json:"at"`
	Method     string              `json:"method"`
	Query      string              `json:"query,omitempty"`
	Remote     string              `json:"remote,omitempty"`
	Header     map[string][]string `json:"headers"`
	Body       string              `json:"body"`                 // as text, with U+FFFD for what is none
	BodyBase64 string              `json:"bodyBase64,omitempty"` // if it is not all text
	Truncated  bool                `json:"truncated,omitempty"`  // not all of it was kept
	// Hints say, for each webhook that points to the bin, whether its signature is right.
	Hints []string `json:"hints,omitempty"`
}
