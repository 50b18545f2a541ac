package store

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"tetherd/gateway"
)

func talkWith(peer, modem string) *gateway.Talk {
	return &gateway.Talk{ID: "id of " + peer, Modem: modem, Peer: peer, Said: true}
}

// said is a message of a conversation.
func said(at time.Time, talk *gateway.Talk) gateway.Emission {
	return gateway.Emission{Event: gateway.Event{ID: "e", At: at, Payload: gateway.MessageSent{}}, Talk: talk}
}

// converse commits an event of a conversation and returns how that stands, as it was
// told to the caller and as the event tells.
func converse(t tb, db *DB, at time.Time, talk *gateway.Talk) gateway.Conversation {
	t.Helper()
	c := gateway.Change{Emissions: []gateway.Emission{said(at, talk)}}
	commit(t, db, c)
	told := c.Emissions[0].Event
	var stored gateway.Event
	err := db.view("event", func(tx *bolt.Tx) (err error) {
		stored, err = readEvent(tx, told.Seq)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if told.Conversation == nil {
		t.Fatal("the caller was told of no conversation")
	}
	diff(t, "conversation of the stored event", told.Conversation, stored.Conversation)
	return *told.Conversation
}

func wantAffinity(t tb, db *DB, key, modem string) {
	t.Helper()
	if got, err := db.Affinity(key); got != modem || err != nil {
		t.Errorf("%s was held on %q, %v; want %q", key, got, err, modem)
	}
}

func TestConversation(t *testing.T) {
	path, clock := tempFile(t), newClock()
	db := openAt(t, path, clock)
	talk := talkWith("+4915112345678", "a")
	talk.Country = "DE"
	at := date.In(time.FixedZone("", 3600))
	want := gateway.Conversation{ID: talk.ID, Country: "DE", CreatedAt: date, LastAt: date}
	after := *talk
	after.Said = false
	diff(t, "before it began", want, converse(t, db, at, &after))
	wantAffinity(t, db, "12345678", "")

	want.Messages = 1
	diff(t, "the first message", want, converse(t, db, at, talk))
	diff(t, "what became of it", want, converse(t, db, at.Add(time.Hour), &after))
	clock.boot += time.Minute
	want.LastAt, want.Messages = date.Add(2*time.Hour), 2
	diff(t, "the second message", want, converse(t, db, at.Add(2*time.Hour), talk))

	// Through another modem it is another one.
	other := *talk
	other.ID, other.Modem = "other", "b"
	first := gateway.Conversation{ID: "other", Country: "DE", CreatedAt: date, LastAt: date, Messages: 1}
	clock.boot += time.Minute
	diff(t, "through another modem", first, converse(t, db, at, &other))
	wantAffinity(t, db, "12345678", "b")
	closeChecked(t, db)

	clock.boot += 2 * conversationAge
	db = openAt(t, path, clock)
	want.LastAt, want.Messages = date.Add(-time.Hour), 3 // the clock was set
	diff(t, "after a restart", want, converse(t, db, at.Add(-time.Hour), talk))
	wantAffinity(t, db, "12345678", "a")
	wantAffinity(t, db, "2345678", "")
}

// Several messages in one commit are counted one by one.
func TestConversationInOneCommit(t *testing.T) {
	db := openTest(t)
	c := gateway.Change{Emissions: []gateway.Emission{
		said(date, talkWith("vodafone", "a")), said(date, talkWith("vodafone", "a")), {Event: gateway.Event{ID: "e", At: date, Payload: gateway.Ping{}}},
	}}
	commit(t, db, c)
	for i, want := range []int{1, 2} {
		if got := c.Emissions[i].Event.Conversation; got.Messages != want {
			t.Errorf("event %d: %d messages, want %d", i, got.Messages, want)
		}
	}
	if got := c.Emissions[2].Event.Conversation; got != nil {
		t.Errorf("an event of no conversation has %+v", got)
	}
	wantAffinity(t, db, "12345678", "")
}

func TestConversationRefused(t *testing.T) {
	db := openTest(t)
	for _, bad := range []gateway.Talk{
		{Modem: "a", Peer: "1"}, {ID: "x", Peer: "1"}, {ID: "x", Modem: "a"}, {ID: "x", Modem: "a", Peer: strings.Repeat("1", maxKey)},
	} {
		if err := db.Commit(t.Context(), gateway.Change{Emissions: []gateway.Emission{said(date, &bad)}}); err == nil {
			t.Errorf("%+v was stored", bad)
		}
	}
}

// The conversation with the longest silence is forgotten first, and one that goes on
// is not written twice a day into the order of age.
func TestConversationsAreBounded(t *testing.T) {
	clock := newClock()
	db := openAt(t, tempFile(t), clock)
	for i := range 6 {
		converse(t, db, date, talkWith(fmt.Sprint("+491511000000", i), "a"))
		clock.boot += time.Minute
	}
	rows := func() (n int) {
		t.Helper()
		err := db.view("conversations", func(tx *bolt.Tx) error {
			return tx.Bucket([]byte(bktConversationAge)).ForEach(func(_, _ []byte) error { n++; return nil })
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	clock.boot += conversationAge
	for range 2 {
		if got := converse(t, db, date, talkWith("+4915110000000", "a")); rows() != 6 {
			t.Errorf("%d places after %d messages, want 6", rows(), got.Messages)
		}
	}
	err := db.submit(context.Background(), &op{apply: func(t *txn) error { return t.forgetConversations(3) }})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"a", "", "", "", "a", "a"} {
		wantAffinity(t, db, fmt.Sprint("1000000", i), want)
	}
	if n, _ := pruneAll(t, db, PruneLimits{Conversations: conversationAge}); n != 2 || rows() != 1 {
		t.Errorf("%d pruned and %d left, want 2 and 1", n, rows())
	}
	wantAffinity(t, db, "10000000", "a")
}

// A damaged row keeps no message from being stored, and its conversation begins anew.
func TestConversationDamaged(t *testing.T) {
	clock := newClock()
	db := openAt(t, tempFile(t), clock)
	talk := talkWith("+4915110000000", "a")
	converse(t, db, date, talk)
	clock.boot += time.Minute
	err := db.submit(context.Background(), &op{apply: func(t *txn) error {
		return t.put(bktConversation, conversationKey(talk), []byte{conversationForm, 1, 2})
	}})
	if err != nil {
		t.Fatal(err)
	}
	wantAffinity(t, db, "10000000", "")
	if n, _ := db.Damage(); n != 1 {
		t.Errorf("%d damaged rows were noted, want 1", n)
	}
	if got := converse(t, db, date.Add(time.Hour), talk); got.Messages != 1 || !got.CreatedAt.Equal(date.Add(time.Hour)) {
		t.Errorf("after the damage: %+v", got)
	}
	clock.boot += time.Hour
	if n, _ := pruneAll(t, db, PruneLimits{Conversations: time.Hour + time.Second}); n != 0 {
		t.Errorf("the place it had before took %d with it", n)
	}
	wantAffinity(t, db, "10000000", "a")
}

// What an earlier version knew of conversations goes on to say which modem sends.
func TestConversationsOfEarlierVersions(t *testing.T) {
	path, clock := tempFile(t), newClock()
	db := openAt(t, path, clock)
	closeChecked(t, db)
	b, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = b.Update(func(tx *bolt.Tx) error {
		talk, err := tx.CreateBucket([]byte(oldTalk))
		if err != nil {
			return err
		}
		age, err := tx.CreateBucket([]byte(oldTalkAge))
		if err != nil {
			return err
		}
		for key, modem := range map[string]string{"12345678": "a", "22912": "b", "5": ""} {
			if err := talk.Put([]byte(key), append(appendTick(nil, 7), modem...)); err != nil {
				return err
			}
			if err := age.Put(append(appendTick(nil, 7), key...), nil); err != nil {
				return err
			}
		}
		return tx.Bucket([]byte(bktCounters)).Put([]byte{countConversations}, u64Key(3))
	})
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	db = openAt(t, path, clock)
	wantAffinity(t, db, "12345678", "a")
	wantAffinity(t, db, "22912", "b")
	clock.boot += time.Minute
	if got := converse(t, db, date, talkWith("+4915112345678", "c")); got.Messages != 1 || !got.CreatedAt.Equal(date) {
		t.Errorf("the conversation is %+v", got)
	}
	wantAffinity(t, db, "12345678", "c")
	closeChecked(t, db)
	wantAffinity(t, openAt(t, path, clock), "22912", "b")
}
