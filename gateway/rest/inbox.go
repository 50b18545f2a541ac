package rest

import (
	"encoding/hex"
	"math"
	"net/http"
	"slices"
	"strconv"

	"tetherd/gateway"
	"tetherd/gateway/api"
)

// previewBytes is how much is shown of the content of a data message.
const previewBytes = 64

// inboundTypes are what a list can be asked for: any, what a modem brings, and
// what the API knows besides and no modem ever brings.
var inboundTypes = []gateway.InboundType{"", gateway.InboundSMS, gateway.InboundData, "MMS", "MMS_DOWNLOADED"}

// listInbox is GET /inbox.
func (s *server) listInbox(w http.ResponseWriter, r *http.Request) error {
	q := queryOf(r)
	iq, err := inboundQuery(q)
	if err != nil {
		return err
	}
	if err := s.ours(q); err != nil {
		return err
	}
	ins, total, err := s.gateway.InboundMessages(iq)
	if err != nil {
		return err
	}
	out := make([]api.InboxItem, len(ins))
	for i := range ins {
		out[i] = inboxItem(&ins[i])
	}
	w.Header().Set(api.TotalHeader, strconv.Itoa(total))
	return reply(w, http.StatusOK, out)
}

// inboundQuery reads the filter and the page of a list of incoming messages.
func inboundQuery(q query) (iq gateway.InboundQuery, err error) {
	if iq.Type = gateway.InboundType(q.Get("type")); !slices.Contains(inboundTypes, iq.Type) {
		return iq, gateway.Invalidf("Invalid type")
	}
	var ok bool
	if iq.Limit, ok = q.within("limit", defaultLimit, 1, maxLimit); !ok {
		return iq, gateway.Invalidf("limit must be between 1 and %d", maxLimit)
	}
	if iq.Offset, ok = q.within("offset", 0, 0, math.MaxInt); !ok {
		return iq, gateway.Invalidf("offset must be a whole number from 0")
	}
	if iq.From, ok = q.time("from"); !ok {
		return iq, gateway.Invalidf("Invalid from datetime")
	}
	if iq.To, ok = q.time("to"); !ok {
		return iq, gateway.Invalidf("Invalid to datetime")
	}
	if !iq.From.IsZero() && !iq.To.IsZero() && iq.From.After(iq.To) {
		return iq, errRange
	}
	// There are no attachments to include; a value that is none is refused anyway.
	_, err = q.boolean("includeAttachments")
	return iq, err
}

// inboxItem returns in as the API shows it.
func inboxItem(in *gateway.Inbound) api.InboxItem {
	kind, preview := "text:", in.Text
	if in.Type == gateway.InboundData {
		kind, preview = "data:", dataPreview(in.Data)
	}
	return api.InboxItem{
		// The same 32 bits that webhooks print in hex.
		ID:     kind + strconv.Itoa(int(int32(uint32(in.Seq)))),
		Type:   string(in.Type),
		Sender: in.From, Recipient: in.To, SIMNumber: in.SIM, ModemID: in.Modem,
		ContentPreview: preview, MissingParts: in.Missing,
		CreatedAt: wire(in.ArrivedAt), ReceivedAt: wire(in.ReceivedAt),
		Attachments: []api.Attachment{},
	}
}

func dataPreview(b []byte) string {
	if len(b) <= previewBytes {
		return hex.EncodeToString(b)
	}
	return hex.EncodeToString(b[:previewBytes]) + "..."
}
