package gateway

// HealthStatus is the verdict of a [Check] or of all of them.
type HealthStatus string

// The verdicts, worst last.
const (
	Pass HealthStatus = "pass"
	Warn HealthStatus = "warn"
	Down HealthStatus = "fail"
)

// Check is one thing that was looked at.
type Check struct {
	Status        HealthStatus `json:"status"`
	ObservedValue int          `json:"observedValue"`
	ObservedUnit  string       `json:"observedUnit"`
	Description   string       `json:"description"`
}

// Health is the state of the gateway, in the shape of the API.
type Health struct {
	Version   string           `json:"version"`
	ReleaseID int              `json:"releaseId"`
	Status    HealthStatus     `json:"status"`
	Checks    map[string]Check `json:"checks"`
}

// worse returns the worse of two verdicts.
func worse(a, b HealthStatus) HealthStatus {
	rank := map[HealthStatus]int{Pass: 0, Warn: 1, Down: 2}
	if rank[b] > rank[a] {
		return b
	}
	return a
}
