// Package log talks to the cluster that ACCORD_BOOTSTRAP names through franz-go.
package log

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const patience = time.Minute

func unique(t *testing.T, word string) string {
	t.Helper()
	random := make([]byte, 16)
	if _, err := rand.Read(random); err != nil {
		t.Fatal(err)
	}
	return word + "-" + hex.EncodeToString(random)
}

func connect(t *testing.T, options ...kgo.Opt) (*kgo.Client, context.Context) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	common := []kgo.Opt{
		kgo.SeedBrokers(os.Getenv("ACCORD_BOOTSTRAP")),
		kgo.FetchMaxWait(50 * time.Millisecond),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
	}
	client, err := kgo.NewClient(append(common, options...)...)
	done(t, err)
	t.Cleanup(client.Close)
	return client, ctx
}

func done(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal(t *testing.T, found, expected any) {
	t.Helper()
	if !reflect.DeepEqual(found, expected) {
		t.Fatalf("found %v, expected %v", found, expected)
	}
}

func newTopic(t *testing.T, partitions int32) string {
	t.Helper()
	client, ctx := connect(t)
	name := unique(t, "go")
	_, err := kadm.NewClient(client).CreateTopic(ctx, partitions, 1, nil, name)
	done(t, err)
	return name
}

func numbered(topic string, count int) []*kgo.Record {
	var records []*kgo.Record
	for number := range count {
		value := fmt.Appendf(nil, "%d", number)
		records = append(records, &kgo.Record{Topic: topic, Key: value, Value: value})
	}
	return records
}

func take(t *testing.T, ctx context.Context, client *kgo.Client, count int) []*kgo.Record {
	t.Helper()
	var records []*kgo.Record
	for len(records) < count {
		fetches := client.PollRecords(ctx, count-len(records))
		done(t, fetches.Err())
		records = append(records, fetches.Records()...)
	}
	return records
}

func values(records []*kgo.Record) []string {
	var found []string
	for _, record := range records {
		found = append(found, string(record.Value))
	}
	return found
}

func TestRecordsComeBack(t *testing.T) {
	topic := newTopic(t, 1)
	client, ctx := connect(t, kgo.ConsumeTopics(topic))
	sent := &kgo.Record{
		Topic:     topic,
		Key:       []byte("key"),
		Value:     []byte("value"),
		Headers:   []kgo.RecordHeader{{Key: "trace", Value: []byte("1")}, {Key: "null"}},
		Timestamp: time.UnixMilli(1_700_000_000_123),
	}
	gone := &kgo.Record{Topic: topic, Key: []byte("gone")}
	done(t, client.ProduceSync(ctx, sent, gone).FirstErr())
	found := take(t, ctx, client, 2)
	equal(t, string(found[0].Key)+string(found[0].Value), "keyvalue")
	equal(t, found[0].Headers, sent.Headers)
	equal(t, found[0].Timestamp.UnixMilli(), int64(1_700_000_000_123))
	equal(t, []any{found[1].Value == nil, found[1].Offset}, []any{true, int64(1)})
}

func TestCompressedBatchesComeBack(t *testing.T) {
	codecs := map[string]kgo.CompressionCodec{
		"none":   kgo.NoCompression(),
		"gzip":   kgo.GzipCompression(),
		"snappy": kgo.SnappyCompression(),
		"lz4":    kgo.Lz4Compression(),
		"zstd":   kgo.ZstdCompression(),
	}
	for name, codec := range codecs {
		t.Run(name, func(t *testing.T) {
			topic := newTopic(t, 1)
			options := []kgo.Opt{kgo.ProducerBatchCompression(codec), kgo.ConsumeTopics(topic)}
			client, ctx := connect(t, options...)
			sent := numbered(topic, 500)
			done(t, client.ProduceSync(ctx, sent...).FirstErr())
			equal(t, values(take(t, ctx, client, 500)), values(sent))
		})
	}
}

func TestEveryAcknowledgement(t *testing.T) {
	for name, acks := range map[string]kgo.Acks{"0": kgo.NoAck(), "1": kgo.LeaderAck()} {
		t.Run(name, func(t *testing.T) {
			topic := newTopic(t, 1)
			options := []kgo.Opt{kgo.RequiredAcks(acks), kgo.DisableIdempotentWrite()}
			client, ctx := connect(t, append(options, kgo.ConsumeTopics(topic))...)
			sent := numbered(topic, 20)
			done(t, client.ProduceSync(ctx, sent...).FirstErr())
			equal(t, values(take(t, ctx, client, 20)), values(sent))
		})
	}
}

func TestMembersShareTheirPartitions(t *testing.T) {
	balancers := map[string]kgo.GroupBalancer{
		"range":       kgo.RangeBalancer(),
		"roundrobin":  kgo.RoundRobinBalancer(),
		"sticky":      kgo.StickyBalancer(),
		"cooperative": kgo.CooperativeStickyBalancer(),
	}
	for name, balancer := range balancers {
		t.Run(name, func(t *testing.T) { sharePartitions(t, balancer) })
	}
}

func sharePartitions(t *testing.T, balancer kgo.GroupBalancer) {
	topic, group := newTopic(t, 4), unique(t, "group")
	var members []*kgo.Client
	for range 2 {
		member, _ := connect(t,
			kgo.ConsumerGroup(group),
			kgo.ConsumeTopics(topic),
			kgo.Balancers(balancer),
			kgo.HeartbeatInterval(100*time.Millisecond),
			kgo.BlockRebalanceOnPoll(),
		)
		members = append(members, member)
	}
	client, ctx := connect(t)
	admin := kadm.NewClient(client)
	waitFor(t, func() bool { return equalShares(ctx, admin, members, group) })
	done(t, client.ProduceSync(ctx, numbered(topic, 40)...).FirstErr())
	seen := map[string]int{}
	waitFor(t, func() bool {
		for _, member := range members {
			for _, record := range poll(ctx, member) {
				seen[string(record.Value)]++
			}
		}
		return len(seen) == 40
	})
	for value, times := range seen {
		equal(t, []any{value, times}, []any{value, 1})
	}
}

// poll also lets a member take part in a rebalance.
func poll(ctx context.Context, member *kgo.Client) []*kgo.Record {
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	defer member.AllowRebalance()
	return member.PollFetches(short).Records()
}

func equalShares(ctx context.Context, admin *kadm.Client, members []*kgo.Client, group string) bool {
	for _, member := range members {
		poll(ctx, member)
	}
	described, err := admin.DescribeGroups(ctx, group)
	if err != nil || described[group].State != "Stable" || len(described[group].Members) != 2 {
		return false
	}
	for _, member := range described[group].Members {
		assigned, ok := member.Assigned.AsConsumer()
		if !ok || len(assigned.Topics) != 1 || len(assigned.Topics[0].Partitions) != 2 {
			return false
		}
	}
	return true
}

func waitFor(t *testing.T, look func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !look(); {
		if time.Now().After(deadline) {
			t.Fatal("never came true")
		}
	}
}

func TestAGroupGoesOnWhereItCommitted(t *testing.T) {
	topic, group := newTopic(t, 1), unique(t, "group")
	sender, ctx := connect(t)
	sent := numbered(topic, 10)
	done(t, sender.ProduceSync(ctx, sent...).FirstErr())
	var found []string
	for range 2 {
		member, ctx := connect(t,
			kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.DisableAutoCommit())
		records := take(t, ctx, member, 5)
		done(t, member.CommitRecords(ctx, records...))
		found = append(found, values(records)...)
		member.Close()
	}
	equal(t, found, values(sent))
}

func TestTransactions(t *testing.T) {
	topic := newTopic(t, 1)
	sender, ctx := connect(t, kgo.TransactionalID(unique(t, "txn")))
	for number, end := range []kgo.TransactionEndTry{kgo.TryAbort, kgo.TryCommit} {
		done(t, sender.BeginTransaction())
		value := fmt.Appendf(nil, "%d", number)
		done(t, sender.ProduceSync(ctx, &kgo.Record{Topic: topic, Value: value}).FirstErr())
		done(t, sender.EndTransaction(ctx, end))
	}
	committed, ctx := connect(t,
		kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	equal(t, values(take(t, ctx, committed, 1)), []string{"1"})
	all, ctx := connect(t, kgo.ConsumeTopics(topic))
	equal(t, values(take(t, ctx, all, 2)), []string{"0", "1"})
}

func TestConsumingAndProducingExactlyOnce(t *testing.T) {
	source, sink := newTopic(t, 1), newTopic(t, 1)
	sender, ctx := connect(t)
	done(t, sender.ProduceSync(ctx, numbered(source, 10)...).FirstErr())
	group, name := unique(t, "group"), unique(t, "txn")
	for _, end := range []kgo.TransactionEndTry{kgo.TryAbort, kgo.TryCommit} {
		session, err := kgo.NewGroupTransactSession(
			kgo.SeedBrokers(os.Getenv("ACCORD_BOOTSTRAP")),
			kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
			kgo.ConsumerGroup(group),
			kgo.ConsumeTopics(source),
			kgo.TransactionalID(name),
			kgo.RequireStableFetchOffsets(),
		)
		done(t, err)
		done(t, session.Begin())
		copied := take(t, ctx, session.Client(), 10)
		for _, record := range copied {
			copy := &kgo.Record{Topic: sink, Value: record.Value}
			done(t, session.ProduceSync(ctx, copy).FirstErr())
		}
		ended, err := session.End(ctx, end)
		done(t, err)
		equal(t, ended, end == kgo.TryCommit)
		session.Close()
	}
	reader, ctx := connect(t,
		kgo.ConsumeTopics(sink), kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	equal(t, values(take(t, ctx, reader, 10)), values(numbered(sink, 10)))
}

func TestASecondProducerFencesTheFirst(t *testing.T) {
	topic, name := newTopic(t, 1), unique(t, "txn")
	zombie, ctx := connect(t, kgo.TransactionalID(name))
	done(t, zombie.BeginTransaction())
	done(t, zombie.ProduceSync(ctx, &kgo.Record{Topic: topic}).FirstErr())
	heir, _ := connect(t, kgo.TransactionalID(name))
	// The transaction of the zombie is aborted meanwhile.
	waitFor(t, func() bool {
		_, _, err := heir.ProducerID(ctx)
		return err == nil
	})
	err := zombie.ProduceSync(ctx, &kgo.Record{Topic: topic}).FirstErr()
	fenced := errors.Is(err, kerr.InvalidProducerEpoch) || errors.Is(err, kerr.ProducerFenced)
	equal(t, fenced, true)
}

func TestAdministration(t *testing.T) {
	topic := newTopic(t, 2)
	client, ctx := connect(t, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	admin := kadm.NewClient(client)
	_, err := admin.CreateTopic(ctx, 1, 1, nil, topic)
	equal(t, errors.Is(err, kerr.TopicAlreadyExists), true)
	value := "1234"
	_, err = admin.AlterTopicConfigs(ctx, []kadm.AlterConfig{{Name: "retention.ms", Value: &value}}, topic)
	done(t, err)
	done(t, client.ProduceSync(ctx, numbered(topic, 6)...).FirstErr())
	offsets := kadm.Offsets{}
	offsets.AddOffset(topic, 0, 4, -1)
	_, err = admin.DeleteRecords(ctx, offsets)
	done(t, err)
	start, err := admin.ListStartOffsets(ctx, topic)
	done(t, err)
	place, _ := start.Lookup(topic, 0)
	equal(t, place.Offset, int64(4))
	waitFor(t, func() bool { return setting(t, ctx, admin, topic, "retention.ms") == value })
	_, err = admin.DeleteTopics(ctx, topic)
	done(t, err)
	metadata, err := admin.BrokerMetadata(ctx)
	done(t, err)
	equal(t, len(metadata.Brokers), 1)
}

func setting(t *testing.T, ctx context.Context, admin *kadm.Client, topic, name string) string {
	t.Helper()
	described, err := admin.DescribeTopicConfigs(ctx, topic)
	done(t, err)
	for _, config := range described[0].Configs {
		if config.Key == name {
			return config.MaybeValue()
		}
	}
	return ""
}
