package rest

import (
	"net/http"
	"strconv"
	"strings"

	"tetherd/gateway"
)

// inboxKinds are what identifiers of incoming messages begin with.
var inboxKinds = []struct {
	prefix string
	gateway.InboundType
}{
	{"text:", gateway.InboundSMS}, {"data:", gateway.InboundData}, {"mms-header:", gateway.InboundMMS},
}

// inboxID returns the identifier of in: the same 32 bits that webhooks print in hex.
func inboxID(in *gateway.Inbound) string {
	number := strconv.Itoa(int(int32(uint32(in.Seq))))
	for _, k := range inboxKinds {
		if k.InboundType == in.Type {
			return k.prefix + number
		}
	}
	return number
}

// inboxNumber returns what an identifier stands for: one of the inbox, or the
// messageId that webhooks tell, which may be of any kind.
func inboxNumber(id string) (seq uint64, kind gateway.InboundType, ok bool) {
	for _, k := range inboxKinds {
		if number, found := strings.CutPrefix(id, k.prefix); found {
			n, err := strconv.ParseInt(number, 10, 32)
			return uint64(uint32(n)), k.InboundType, err == nil
		}
	}
	if len(id) != 8 {
		return 0, "", false
	}
	seq, err := strconv.ParseUint(id, 16, 32)
	return seq, "", err == nil
}

// inboxMessage returns the message that the path names, or ErrNotFound.
func (s *server) inboxMessage(r *http.Request) (in gateway.Inbound, err error) {
	seq, kind, ok := inboxNumber(r.PathValue("id"))
	if !ok {
		return in, gateway.ErrNotFound
	}
	in, err = s.gateway.InboundMessage(seq)
	if err == nil && kind != "" && in.Type != kind {
		err = gateway.ErrNotFound
	}
	return in, err
}

// getInboxItem is GET /inbox/{id}.
func (s *server) getInboxItem(w http.ResponseWriter, r *http.Request) error {
	raw, ok := includes(queryOf(r))
	if !ok {
		return gateway.Invalidf("include must be raw, or left out")
	}
	in, err := s.inboxMessage(r)
	if err != nil {
		return err
	}
	out := inboxItem(&in)
	if raw {
		addRaw(&out, &in)
	}
	return reply(w, http.StatusOK, out)
}

// getAttachment is GET /inbox/{id}/attachments/{part}. No message has attachments:
// those of multimedia messages stay with the operator.
func (s *server) getAttachment(_ http.ResponseWriter, r *http.Request) error {
	if _, err := strconv.ParseInt(r.PathValue("part"), 10, 64); err != nil {
		return gateway.Invalidf("partId must be a number")
	}
	if _, err := s.inboxMessage(r); err != nil {
		return err
	}
	return gateway.ErrNotFound
}
