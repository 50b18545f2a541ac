package bulk

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"tetherd/gateway/api"
)

// maxBytes is how much of one request is messages, in bytes: what is around them has
// room below the limit of the API.
const maxBytes = api.MaxBatchBytes - 1<<10

// Batch is the part of a file that one request holds.
type Batch struct {
	First    int // index of its first message in [File.Rows]
	Messages []api.SendRequest
	Key      string // for [api.BatchRequest.Key]
}

// Batches returns the file in as few requests as there can be, each of at most so many
// messages: [api.MaxBatch] if most is 0. The key of each is made
// of numbers, contents, IDs and name, which may be empty: another name is for a file
// that is meant to be sent once more.
func (f *File) Batches(name string, most int) ([]Batch, error) {
	most = cmp.Or(most, api.MaxBatch)
	var out []Batch
	var b Batch
	size, numbers, sealed := 0, 0, 0
	digest := sha256.New()
	end := func() {
		b.Key = "file-" + base64.RawURLEncoding.EncodeToString(digest.Sum(nil))
		out = append(out, b)
	}
	begin := func(first int) {
		b = Batch{First: first}
		size, numbers, sealed = 0, 0, 0
		digest.Reset()
		fmt.Fprintf(digest, "%q %d\n", name, len(out))
	}
	begin(0)
	for i := range f.Rows {
		r := &f.Rows[i].Request
		row, err := json.Marshal(r)
		if err != nil {
			return nil, fmt.Errorf("encode line %d of %s: %w", f.Rows[i].Line, f.Name, err)
		}
		s := 0
		if r.IsEncrypted {
			s = 1
		}
		full := len(b.Messages) == most || size+len(row)+1 > maxBytes ||
			numbers+len(r.PhoneNumbers) > api.MaxBatchRecipients || sealed+s > api.MaxBatchEncrypted
		if full && len(b.Messages) > 0 {
			end()
			begin(i)
		}
		size, numbers, sealed = size+len(row)+1, numbers+len(r.PhoneNumbers), sealed+s
		b.Messages = append(b.Messages, *r)
		who, err := json.Marshal(api.SendRequest{
			ID: r.ID, PhoneNumbers: r.PhoneNumbers, TextMessage: r.TextMessage, DataMessage: r.DataMessage, Message: r.Message,
		})
		if err != nil {
			return nil, fmt.Errorf("encode line %d of %s: %w", f.Rows[i].Line, f.Name, err)
		}
		digest.Write(append(who, '\n'))
	}
	end()
	return out, nil
}
