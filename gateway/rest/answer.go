package rest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"tetherd/gateway"
	"tetherd/gateway/access"
	"tetherd/gateway/api"
)

// reply answers with v as JSON.
func reply(w http.ResponseWriter, status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	b = append(b, '\n') // so that what curl prints ends its line
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(status)
	w.Write(b) // an error means that the client has gone
	return nil
}

// refuse answers with a sentence that says what is wrong.
func refuse(w http.ResponseWriter, status int, message string) error {
	return complain(w, status, message, "")
}

// complain answers with a sentence that says what is wrong, and with which field of
// the request if that is known.
func complain(w http.ResponseWriter, status int, message, field string) error {
	return reply(w, status, problem(w, status, message, "", field))
}

// problem returns what is answered; detail is as message if it is empty.
func problem(w http.ResponseWriter, status int, message, detail, field string) api.Problem {
	return api.Problem{
		Message: message, Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: cmp.Or(detail, message),
		Instance: w.Header().Get(requestIDHeader), Field: field,
	}
}

// answer makes h a handler of net/http that answers errors.
func (s *server) answer(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

// fail answers err. It is the one place that knows which error is which status.
func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	var status int
	var message, detail, field string
	var after time.Duration
	e, ok := errors.AsType[*gateway.Error](err)
	if ok {
		message, detail, field, after = e.Message, e.Detail, e.Field, e.After
	}
	tooLarge, _ := errors.AsType[*http.MaxBytesError](err)
	switch code := gateway.CodeOf(err); {
	case e == gateway.ErrNotFound:
		w.WriteHeader(http.StatusNotFound) // without a body, as the API has it
		return
	case tooLarge != nil:
		status, message = http.StatusRequestEntityTooLarge, fmt.Sprintf("the request body is larger than %d bytes", tooLarge.Limit)
	case code == gateway.Invalid:
		status = http.StatusBadRequest
	case code == gateway.NotFound:
		status = http.StatusNotFound
	case e == access.ErrBadToken:
		unauthorized(w)
		return
	case code == gateway.Nobody:
		challenge(w)
		status = http.StatusUnauthorized
	case code == gateway.Forbidden:
		status = http.StatusForbidden
	case code == gateway.Conflict:
		status = http.StatusConflict
	case code == gateway.Mismatch:
		status = http.StatusUnprocessableEntity
	case code == gateway.Unavailable:
		status = http.StatusServiceUnavailable
		w.Header().Set("Retry-After", "60")
	case code == gateway.TooSoon:
		status = http.StatusTooManyRequests
		w.Header().Set("Retry-After", strconv.Itoa(max(int(math.Ceil(after.Seconds())), 1)))
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
		status, message = http.StatusServiceUnavailable, "the request was given up by its client" // who does not read this
	default:
		status = http.StatusInternalServerError
		message = s.internal(w, r, err)
	}
	p := problem(w, status, message, detail, field)
	if b, ok := errors.AsType[*gateway.BatchError](err); ok {
		p.Errors = batchErrors(b.Refused[:min(len(b.Refused), maxBatchErrors)])
	}
	reply(w, status, p)
}

func isTooLarge(err error) bool {
	_, ok := errors.AsType[*http.MaxBytesError](err)
	return ok
}
