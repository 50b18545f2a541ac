package store

import (
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// Buckets of earlier versions: on which modem a conversation was held last, by the
// end of the other side's number.
const (
	oldTalk    = "talk"    // key: tick i64 ‖ modem
	oldTalkAge = "talkage" // tick i64 ‖ key
)

// adoptTalk makes conversations of the rows of an earlier version, which did not say
// when they began. Rows that are damaged are given up.
func adoptTalk(tx *bolt.Tx) error {
	talk := tx.Bucket([]byte(oldTalk))
	if talk == nil {
		return nil
	}
	conv, age := tx.Bucket([]byte(bktConversation)), tx.Bucket([]byte(bktConversationAge))
	err := talk.ForEach(func(k, v []byte) error {
		r := reader{b: v}
		row := conversation{}
		row.listed = r.tick()
		row.heard = row.listed
		key := append(appendStr(appendStr(nil, string(k)), ""), r.b...)
		if r.err != nil || len(r.b) == 0 || conv.Get(key) != nil {
			return nil
		}
		if err := conv.Put(key, row.encode()); err != nil {
			return err
		}
		return age.Put(conversationAgeKey(row.listed, key), []byte{})
	})
	if err != nil {
		return fmt.Errorf("bring conversations up to date: %w", err)
	}
	n := uint64(0)
	if err := conv.ForEach(func(_, _ []byte) error { n++; return nil }); err != nil {
		return err
	}
	if n > 0 {
		if err := tx.Bucket([]byte(bktCounters)).Put([]byte{countConversations}, u64Key(n)); err != nil {
			return err
		}
	}
	for _, name := range []string{oldTalk, oldTalkAge} {
		if err := tx.DeleteBucket([]byte(name)); err != nil && !errors.Is(err, bolterrors.ErrBucketNotFound) {
			return err
		}
	}
	return nil
}
