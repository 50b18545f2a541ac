package api

// Layout says how a text is sent.
type Layout struct {
	Encoding string   `json:"encoding"` // asked for: auto, smart, gsm7 or ucs2
	Alphabet string   `json:"alphabet"` // used: gsm7, ucs2 or data
	Parts    int      `json:"parts"`
	Units    int      `json:"units"`          // septets or UTF-16 units that all parts hold; 0 for data
	Left     int      `json:"charactersLeft"` // that still fit into the last part
	Limits   Limits   `json:"limits"`
	Texts    []string `json:"texts,omitempty"` // of the parts, as they are sent
}

// Limits are how many units fit into a part.
type Limits struct {
	Single       int `json:"single"`       // of one part
	Concatenated int `json:"concatenated"` // of each of several
}

// PlannedRecipient says what would become of one number.
type PlannedRecipient struct {
	PhoneNumber string `json:"phoneNumber"`          // as given
	Normalized  string `json:"normalized,omitempty"` // as dialled
	Error       string `json:"error,omitempty"`      // why it cannot be sent to
	Modem       string `json:"modem,omitempty"`      // that would send now
	Waiting     string `json:"waiting,omitempty"`    // why nothing would be sent now
	Cost        string `json:"cost,omitempty"`       // if prices are known
}

// Plan is the answer to POST /messages?dryRun=true.
type Plan struct {
	DryRun bool `json:"dryRun"` // always true
	Index  *int `json:"index,omitempty"`
	Layout
	Recipients []PlannedRecipient `json:"recipients"`
	TotalParts int                `json:"totalParts"`         // to all recipients
	Cost       string             `json:"cost,omitempty"`     // of all, if prices are known
	Currency   string             `json:"currency,omitempty"` // of Cost
}

// BatchPlan is the answer to POST /messages/batch?dryRun=true.
type BatchPlan struct {
	DryRun     bool         `json:"dryRun"`             // always true
	Replayed   bool         `json:"replayed,omitempty"` // the request took effect before, with the same key: it would send nothing more
	Accepted   int          `json:"accepted"`
	Refused    int          `json:"refused"`
	TotalParts int          `json:"totalParts"`
	Cost       string       `json:"cost,omitempty"`
	Currency   string       `json:"currency,omitempty"`
	Messages   []Plan       `json:"messages"`
	Errors     []BatchError `json:"errors,omitempty"`
}

// Preview is the answer to POST /messages/preview.
type Preview struct {
	Layout
	// Misfits are the characters for which there is no place in the GSM alphabet.
	Misfits []Misfit `json:"misfits"`
	// Smart is how the text would be sent with the encoding smart, and how many parts
	// that saves against auto.
	Smart SmartPreview `json:"smart"`

	Recipients []PlannedRecipient `json:"recipients,omitempty"` // if numbers were given
	TotalParts int                `json:"totalParts"`           // to all that can be sent to; to one if no numbers were given
}

// Misfit is a character that needs the longer form of a text.
type Misfit struct {
	Character   string  `json:"character"`
	CodePoint   string  `json:"codePoint"`   // such as U+201C
	Positions   []int   `json:"positions"`   // in characters, from 0
	Replacement *string `json:"replacement"` // by what smart replaces it, maybe nothing; null: it cannot
}

// SmartPreview is what the encoding smart makes of a text.
type SmartPreview struct {
	Text     string `json:"text"`
	Alphabet string `json:"alphabet"`
	Parts    int    `json:"parts"`
	Saves    int    `json:"saves"` // parts
}
