package gateway

// registrationNames are the words for <stat> of +CREG (3GPP TS 27.007 §7.2).
var registrationNames = [...]string{
	"idle", "home", "searching", "denied", "unknown", "roaming",
	"home, SMS only", "roaming, SMS only", "emergency calls only", "home, no CS fallback preferred",
	"roaming, no CS fallback preferred", "emergency calls only",
}

// RegistrationName returns the words for a registration as a modem states it, <stat>
// of +CREG (3GPP TS 27.007 §7.2); "unknown" for what is no such state.
func RegistrationName(stat int) string {
	if stat < 0 || stat >= len(registrationNames) {
		return "unknown"
	}
	return registrationNames[stat]
}

// Registered reports whether messages can be sent in a state of registration: at home
// or roaming, for SMS only, or with CS fallback not preferred.
func Registered(stat int) bool {
	switch stat {
	case 1, 5, 6, 7, 9, 10:
		return true
	}
	return false
}
