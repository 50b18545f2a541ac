package rest

import (
	"encoding/base64"
	"encoding/hex"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// previewBytes is how much is shown of the content of a data message.
const previewBytes = 64

// inboundTypes are what a list can be asked for: any, what a modem brings, and
// what the API knows besides and no modem ever brings.
var inboundTypes = append([]gateway.InboundType{"", "MMS_DOWNLOADED"}, gateway.InboundTypes...)

// listInbox is GET /inbox.
func (s *server) listInbox(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r)
	iq, err := inboundQuery(q)
	if err != nil {
		return err
	}
	raw, ok := includes(q)
	if !ok {
		return gateway.BadField("include", "include must be raw, or left out")
	}
	search, searching, err := s.searchOf(q)
	if err != nil {
		return err
	}
	var ins []gateway.Inbound
	if searching {
		if iq.Offset > 0 {
			return errNoOffset
		}
		search.Type, search.From, search.To, search.Limit = iq.Type, iq.From, iq.To, iq.Limit
		var next gateway.Place
		if ins, next, err = s.gateway.SearchInbound(search); err != nil {
			return err
		}
		showNext(w, r, next)
	} else {
		var total int
		if ins, total, err = s.gateway.InboundMessages(iq); err != nil {
			return err
		}
		w.Header().Set(api.TotalHeader, strconv.Itoa(total))
	}
	out := make([]api.InboxItem, len(ins))
	for i := range ins {
		out[i] = inboxItem(&ins[i])
		if raw {
			addRaw(&out[i], &ins[i])
		}
	}
	return reply(w, http.StatusOK, out)
}

// inboundQuery reads the filter and the page of a list of incoming messages.
func inboundQuery(q query) (iq gateway.InboundQuery, err error) {
	if iq.Type = gateway.InboundType(q.Get("type")); !slices.Contains(inboundTypes, iq.Type) {
		return iq, gateway.BadField("type", "Invalid type")
	}
	var ok bool
	if iq.Limit, ok = q.within("limit", defaultLimit, 1, maxLimit); !ok {
		return iq, gateway.BadField("limit", "limit must be between 1 and %d", maxLimit)
	}
	if iq.Offset, ok = q.within("offset", 0, 0, math.MaxInt); !ok {
		return iq, gateway.BadField("offset", "offset must be a whole number from 0")
	}
	if iq.From, ok = q.since("from"); !ok {
		return iq, gateway.BadField("from", "Invalid from datetime")
	}
	if iq.To, ok = q.until("to"); !ok {
		return iq, gateway.BadField("to", "Invalid to datetime")
	}
	if !iq.From.IsZero() && !iq.To.IsZero() && iq.From.After(iq.To) {
		return iq, errRange
	}
	// There are no attachments to include; a value that is none is refused anyway.
	_, err = q.boolean("includeAttachments")
	return iq, err
}

// includes reads what is to be shown besides.
func includes(q query) (raw, ok bool) {
	switch q.Get("include") {
	case "":
		return false, true
	case "raw":
		return true, true
	}
	return false, false
}

// inboxItem returns in as the API shows it.
func inboxItem(in *gateway.Inbound) api.InboxItem {
	preview := in.Text
	switch {
	case in.Type == gateway.InboundData:
		preview = dataPreview(in.Data)
	case in.Type == gateway.InboundMMS && preview == "":
		preview = "MMS notification"
	}
	out := api.InboxItem{
		ID:     inboxID(in),
		Type:   string(in.Type),
		Sender: in.From, MessageID: in.MessageID(), Recipient: in.To, SIMNumber: in.SIM, ModemID: in.Modem,
		ContentPreview: preview, MissingParts: in.Missing,
		CreatedAt: wire(in.ArrivedAt), ReceivedAt: wire(in.ReceivedAt),
		Attachments: []api.Attachment{},
		Flash:       in.Flash, Silent: in.Silent, Canary: in.Canary,
		Replaces: gateway.InboundID(in.Replaces), ReplacedBy: gateway.InboundID(in.ReplacedBy), Completes: in.Completes,
		ProbableDuplicate: in.DuplicateOf != 0, DuplicateOf: gateway.InboundID(in.DuplicateOf), Notes: in.Notes,
	}
	if p := in.Ports; p != nil {
		dst, src := int(p.Dst), int(p.Src)
		out.Port, out.SourcePort = &dst, &src
	}
	if m := in.MMS; m != nil {
		out.MMS = &api.MMS{
			TransactionID: m.TransactionID, Subject: m.Subject, Size: m.Size, ContentClass: m.ContentClass,
			Location: m.Location, ExpiresAt: wire(m.Expires),
		}
	}
	for _, w := range in.Waiting {
		shown := api.Waiting{Kind: w.Kind, Active: w.Active}
		if w.Count >= 0 {
			shown.Count = &w.Count
		}
		out.Waiting = append(out.Waiting, shown)
	}
	return out
}

// addRaw adds to out what is shown on request only.
func addRaw(out *api.InboxItem, in *gateway.Inbound) {
	for _, b := range in.TPDUs {
		out.Raw = append(out.Raw, strings.ToUpper(hex.EncodeToString(b)))
	}
	if in.Type == gateway.InboundData {
		out.Data = base64.StdEncoding.EncodeToString(in.Data)
	}
}

func dataPreview(b []byte) string {
	if len(b) <= previewBytes {
		return hex.EncodeToString(b)
	}
	return hex.EncodeToString(b[:previewBytes]) + "..."
}
