package main

import (
	"errors"
	"io/fs"

	"tetherd/gateway"
	"tetherd/gateway/api"
	"tetherd/modem/recorder"
)

// recordings shows a saver to the API.
type recordings struct{ saver *recorder.Saver }

// Lines implements rest.Recordings.
func (r recordings) Lines(modem string, after uint64) []api.RecordedLine {
	entries := r.saver.Lines(modem, after)
	out := make([]api.RecordedLine, len(entries))
	for i, e := range entries {
		out[i] = api.RecordedLine{Seq: e.Seq, At: api.Time{Time: e.At.Local()}, Dir: string(rune(e.Dir)), Text: e.Text}
	}
	return out
}

// Saved implements rest.Recordings.
func (r recordings) Saved() ([]api.Recording, error) {
	saved, err := r.saver.Saved()
	if err != nil {
		return nil, err
	}
	out := make([]api.Recording, len(saved))
	for i, s := range saved {
		out[i] = api.Recording{Name: s.Name, Size: s.Size, At: api.Time{Time: s.At.Local()}}
	}
	return out, nil
}

// Read implements rest.Recordings.
func (r recordings) Read(name string) ([]byte, error) {
	b, err := r.saver.Read(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &gateway.Error{Code: gateway.NotFound, Message: "there is no recording of this name; GET /recordings lists them", Err: err}
	}
	return b, err
}
