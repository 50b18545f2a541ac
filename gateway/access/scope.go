package access

import "slices"

// Scope is a set of rights. The zero value holds none. Sets are joined with | and
// cut with &.
type Scope uint64

// The rights. Some routes need one of several.
const (
	MessagesSend Scope = 1 << iota
	MessagesRead
	MessagesList
	MessagesExport
	MessagesCancel
	InboxList
	InboxRead
	InboxRefresh
	DevicesList
	DevicesDelete
	WebhooksList
	WebhooksWrite
	WebhooksDelete
	SettingsRead
	SettingsWrite
	LogsRead
	TokensManage
	RoutesRead
	RoutesWrite
	ModemsRead
	ModemsWrite
	EventsRead
	MetricsRead
	OptOutsRead
	OptOutsWrite

	// AdminOnly is what routes need that are for administrators: it is in All, and no
	// name stands for it.
	AdminOnly Scope = 1 << 61
	// All holds every right but TokensRefresh, those that are added later included.
	All Scope = 1<<62 - 1
	// TokensRefresh is held by tokens that are good for being exchanged only. It is
	// neither in All nor granted to anybody who asks for it.
	TokensRefresh Scope = 1 << 62
)

// named is a right, or all of them, as tokens and roles write it.
type named struct {
	name  string
	scope Scope
}

// names lists what can be asked for, the rights of SMS Gateway for Android first.
var names = []named{
	{"all:any", All},
	{"messages:send", MessagesSend},
	{"messages:read", MessagesRead},
	{"messages:list", MessagesList},
	{"messages:export", MessagesExport},
	{"messages:cancel", MessagesCancel},
	{"inbox:list", InboxList},
	{"inbox:read", InboxRead},
	{"inbox:refresh", InboxRefresh},
	{"devices:list", DevicesList},
	{"devices:delete", DevicesDelete},
	{"webhooks:list", WebhooksList},
	{"webhooks:write", WebhooksWrite},
	{"webhooks:delete", WebhooksDelete},
	{"settings:read", SettingsRead},
	{"settings:write", SettingsWrite},
	{"logs:read", LogsRead},
	{"tokens:manage", TokensManage},
	{"routes:read", RoutesRead},
	{"routes:write", RoutesWrite},
	{"modems:read", ModemsRead},
	{"modems:write", ModemsWrite},
	{"events:read", EventsRead},
	{"metrics:read", MetricsRead},
	{"opt-outs:read", OptOutsRead},
	{"opt-outs:write", OptOutsWrite},
}

// refreshName is how TokensRefresh is written.
const refreshName = "tokens:refresh"

// Parse returns the set of the named rights. ok is false if one of them is unknown
// or cannot be asked for.
func Parse(list []string) (s Scope, ok bool) {
	for _, name := range list {
		i := slices.IndexFunc(names, func(n named) bool { return n.name == name })
		if i < 0 {
			return 0, false
		}
		s |= names[i].scope
	}
	return s, true
}

// Names returns how the rights are written that can be asked for.
func Names() []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = n.name
	}
	return out
}

// Names returns how the set is written: as all:any if it holds All.
func (s Scope) Names() []string {
	var out []string
	switch {
	case s.Holds(All):
		out = append(out, names[0].name)
	default:
		for _, n := range names[1:] {
			if s.Holds(n.scope) {
				out = append(out, n.name)
			}
		}
	}
	if s.Holds(TokensRefresh) {
		out = append(out, refreshName)
	}
	return out
}

// Holds reports whether every right of t is in s.
func (s Scope) Holds(t Scope) bool { return s&t == t }

// Meets reports whether a right of t is in s.
func (s Scope) Meets(t Scope) bool { return s&t != 0 }

// Role is a set of rights with a name for people.
type Role string

// The roles.
const (
	Admin  Role = "admin"  // everything
	Sender Role = "sender" // sends, sees what was sent and takes it back
	Reader Role = "reader" // sees everything, changes nothing
)

// Roles lists the roles as they are written.
func Roles() []string { return []string{string(Admin), string(Sender), string(Reader)} }

// Scope returns the rights of a role; none for one that does not exist.
func (r Role) Scope() Scope {
	switch r {
	case Admin:
		return All
	case Sender:
		return MessagesSend | MessagesRead | MessagesList | MessagesCancel | DevicesList | TokensManage
	case Reader:
		return MessagesRead | MessagesList | InboxList | InboxRead | DevicesList | WebhooksList |
			SettingsRead | LogsRead | TokensManage | RoutesRead | ModemsRead | EventsRead | MetricsRead | OptOutsRead
	}
	return 0
}
