package rest

import (
	"errors"
	"fmt"
	"net/http"

	"tetherd/gateway"
	"tetherd/gateway/api"
	"tetherd/gateway/sms"
)

// preview is POST /messages/preview.
func (s *server) preview(w http.ResponseWriter, r *http.Request) error {
	o, err := readObject(w, r)
	if err != nil {
		return err
	}
	unchecked, err := queryOf(r).boolean("skipPhoneValidation")
	if err != nil {
		return err
	}
	text := o.text("text")
	if text != nil {
		delete(o.fields, "text")
	}
	req, err := decodeSend(o)
	if err != nil {
		return err
	}
	if text != nil {
		req.TextMessage = &api.TextMessage{Text: *text}
	}
	if req.IsEncrypted || req.DataMessage != nil {
		return gateway.BadField("text", "only texts that are not encrypted can be previewed; use POST /messages?dryRun=true")
	}
	if n := len(req.PhoneNumbers); n > maxPreviewNumbers {
		return gateway.BadField("phoneNumbers", "phoneNumbers has %d entries, the most in one preview is %d", n, maxPreviewNumbers)
	}
	req.SkipPhoneValidation = unchecked
	sub, err := s.submission(req)
	if err != nil {
		return err
	}
	out, err := s.previewOf(sub)
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, out)
}

// maxPreviewNumbers is how many numbers one preview may have.
const maxPreviewNumbers = 1000

func (s *server) previewOf(sub gateway.Submission) (out api.Preview, err error) {
	if sub.Text == "" {
		return out, gateway.BadField("text", "Text message is empty")
	}
	segments, err := sms.SplitAs(sub.Text, sub.Encoding, s.gateway.MaxParts)
	if err != nil {
		return out, &gateway.Error{Code: gateway.Invalid, Field: "text", Message: err.Error(), Err: err}
	}
	out.Layout, out.Misfits = layout(segments, sub.Encoding), []api.Misfit{}
	for _, m := range sms.Misfits(sub.Text) {
		misfit := api.Misfit{Character: string(m.Char), CodePoint: fmt.Sprintf("%U", m.Char), Positions: m.Positions}
		if m.Known {
			misfit.Replacement = &m.Nearest
		}
		out.Misfits = append(out.Misfits, misfit)
	}
	auto, err := partsOf(sub.Text)
	if err != nil {
		return out, fmt.Errorf("split text: %w", err)
	}
	smart, err := sms.SplitAs(sub.Text, sms.Smart, s.gateway.MaxParts)
	if err != nil {
		return out, fmt.Errorf("split smartened text: %w", err)
	}
	out.Smart = api.SmartPreview{
		Text: sms.Smarten(sub.Text), Alphabet: smart[0].Alphabet.String(), Parts: len(smart), Saves: auto - len(smart),
	}
	out.TotalParts = len(segments)
	if len(sub.Numbers) > 0 {
		out.TotalParts = 0
	}
	for _, number := range sub.Numbers {
		r := api.PlannedRecipient{PhoneNumber: number}
		if r.Normalized, err = s.gateway.PreviewNumber(number, sub.SkipNumberCheck); gateway.CodeOf(err) == gateway.Invalid {
			r.Error = err.Error()
		} else if err != nil {
			return out, err
		} else {
			out.TotalParts += len(segments)
		}
		out.Recipients = append(out.Recipients, r)
	}
	return out, nil
}

// partsOf returns how many parts a text needs as it is, which may be more than allowed.
func partsOf(text string) (int, error) {
	segments, err := sms.Split(text, sms.MaxParts)
	if e, ok := errors.AsType[*sms.TooLongError](err); ok {
		return e.Parts, nil
	}
	return len(segments), err
}

// layout returns how segments are sent.
func layout(segments []sms.Segment, e sms.Encoding) api.Layout {
	last := &segments[len(segments)-1]
	l := api.Layout{
		Encoding: e.String(), Alphabet: last.Alphabet.String(), Parts: len(segments),
		Limits: api.Limits{Single: last.Alphabet.SinglePart(), Concatenated: last.Alphabet.ConcatPart()},
	}
	if last.Alphabet == sms.Data8 {
		return l
	}
	l.Left = last.Left()
	for i := range segments {
		l.Units += segments[i].Units()
		l.Texts = append(l.Texts, segments[i].Text)
	}
	return l
}

// planMessage answers POST /messages?dryRun=true.
func (s *server) planMessage(w http.ResponseWriter, r *http.Request, b gateway.Batch) error {
	_, plans, err := s.gateway.Plan(r.Context(), b)
	if err != nil {
		return ofOne(err)
	}
	return reply(w, http.StatusOK, planned(&plans[0]))
}

// planBatch answers POST /messages/batch?dryRun=true.
func (s *server) planBatch(w http.ResponseWriter, r *http.Request, b gateway.Batch) error {
	result, plans, err := s.gateway.Plan(r.Context(), b)
	if err != nil {
		return err
	}
	out := api.BatchPlan{
		DryRun: true, Replayed: result.Replayed != nil, Accepted: len(plans), Refused: len(result.Refused),
		Messages: make([]api.Plan, len(plans)), Errors: batchErrors(result.Refused),
	}
	var cost gateway.Money
	for i := range plans {
		out.Messages[i] = planned(&plans[i])
		out.Messages[i].Index = &result.Items[i]
		out.TotalParts += out.Messages[i].TotalParts
		out.Currency = plans[i].Currency
		cost += plans[i].Cost
	}
	if cost != 0 {
		out.Cost = cost.String()
	}
	return reply(w, http.StatusOK, out)
}

// planned returns p as the API shows it. What is encrypted is not shown in clear.
func planned(p *gateway.Plan) api.Plan {
	out := api.Plan{
		DryRun: true, Layout: layout(p.Segments, p.Message.Encoding), Recipients: make([]api.PlannedRecipient, len(p.Recipients)),
		TotalParts: len(p.Segments) * len(p.Recipients), Currency: p.Currency,
	}
	if p.Cost != 0 {
		out.Cost = p.Cost.String()
	}
	sealed := p.Message.Sealed != ""
	if sealed {
		out.Texts = nil
	}
	for i, r := range p.Recipients {
		to := api.PlannedRecipient{PhoneNumber: p.Message.Recipients[i].Number, Modem: r.Modem, Waiting: r.Waiting}
		if !sealed {
			to.Normalized = p.Message.Recipients[i].Address
		}
		if r.Cost != 0 {
			to.Cost = r.Cost.String()
		}
		out.Recipients[i] = to
	}
	return out
}

// ofOne returns the error of a batch of one message as that of the message.
func ofOne(err error) error {
	if b, ok := errors.AsType[*gateway.BatchError](err); ok {
		return b.Refused[0].Err
	}
	return err
}
