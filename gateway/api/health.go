package api

// The verdicts of [Health] and [Check].
const (
	Pass = "pass"
	Warn = "warn"
	Fail = "fail"
)

// Health is the state of the gateway.
type Health struct {
	Version   string           `json:"version"`
	ReleaseID int              `json:"releaseId"`
	Status    string           `json:"status"` // the worst of Checks
	Checks    map[string]Check `json:"checks"`
}

// Check is one thing that was looked at.
type Check struct {
	Status        string `json:"status"`
	ObservedValue int    `json:"observedValue"`
	ObservedUnit  string `json:"observedUnit"`
	Description   string `json:"description"`
}
