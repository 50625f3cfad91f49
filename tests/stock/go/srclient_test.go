package stock

import (
	"encoding/binary"
	"errors"
	"testing"

	"github.com/riferrei/srclient"
)

func riferrei(t *testing.T) *srclient.SchemaRegistryClient {
	t.Helper()
	return srclient.NewSchemaRegistryClient(address(t))
}

func TestSrclientAvro(t *testing.T) {
	subject := unique(t)
	schema := must[*srclient.Schema](t)
	made := schema(riferrei(t).CreateSchema(subject, user, srclient.Avro))
	equal(t, []any{made.Version(), made.Schema()}, []any{1, user})
	payload := must[[]byte](t)(made.Codec().BinaryFromNative(nil, map[string]any{"id": int64(7)}))
	message := append(binary.BigEndian.AppendUint32([]byte{0}, uint32(made.ID())), payload...)

	read := schema(riferrei(t).GetSchema(int(binary.BigEndian.Uint32(message[1:5]))))
	value, _, err := read.Codec().NativeFromBinary(message[5:])
	equal(t, []any{value, err}, []any{map[string]any{"id": int64(7)}, nil})

	second := schema(riferrei(t).CreateSchema(subject, wider, srclient.Avro))
	equal(t, second.ID() > made.ID(), true)
	equal(t, schema(riferrei(t).LookupSchema(subject, user, srclient.Avro)).ID(), made.ID())
	equal(t, schema(riferrei(t).GetLatestSchema(subject)).ID(), second.ID())
	equal(t, schema(riferrei(t).GetSchemaByVersion(subject, 1)).ID(), made.ID())
	equal(t, must[[]int](t)(riferrei(t).GetSchemaVersions(subject)), []int{1, 2})
	equal(t, contains(must[[]string](t)(riferrei(t).GetSubjects()), subject), true)
	holders := must[srclient.SubjectVersionResponse](t)(riferrei(t).GetSubjectVersionsById(made.ID()))
	equal(t, len(holders) > 0, true)
}

func TestSrclientOtherFormatsAndReferences(t *testing.T) {
	subject := unique(t)
	schema := must[*srclient.Schema](t)
	for kind, text := range map[srclient.SchemaType]string{srclient.Json: object, srclient.Protobuf: proto} {
		made := schema(riferrei(t).CreateSchema(subject+kind.String(), text, kind))
		read := schema(riferrei(t).GetSchema(made.ID()))
		equal(t, []any{read.Schema(), *read.SchemaType()}, []any{text, kind})
	}
	schema(riferrei(t).CreateSchema(subject+"-user", user, srclient.Avro))
	reference := srclient.Reference{Name: "shop.User", Subject: subject + "-user", Version: 1}
	made := schema(riferrei(t).CreateSchema(subject, order, srclient.Avro, reference))
	read := schema(riferrei(t).GetSchema(made.ID()))
	equal(t, read.References(), []srclient.Reference{reference})
}

func TestSrclientSettings(t *testing.T) {
	client := riferrei(t)
	level := must[*srclient.CompatibilityLevel](t)
	subject := unique(t)
	equal(t, *level(client.GetGlobalCompatibilityLevel()), srclient.Backward)
	equal(t, *level(client.GetCompatibilityLevel(subject, true)), srclient.Backward)
	equal(t, *level(client.ChangeSubjectCompatibilityLevel(subject, srclient.Full)), srclient.Full)
	equal(t, *level(client.GetCompatibilityLevel(subject, false)), srclient.Full)
	must[*srclient.Schema](t)(client.CreateSchema(subject, user, srclient.Avro))
	equal(t, must[bool](t)(client.IsSchemaCompatible(subject, wider, "latest", srclient.Avro)), true)
	equal(t, must[bool](t)(client.IsSchemaCompatible(subject, wrong, "1", srclient.Avro)), false)
}

func TestSrclientDeletesAndRefusals(t *testing.T) {
	client := riferrei(t)
	subject := unique(t)
	must[*srclient.Schema](t)(client.CreateSchema(subject, user, srclient.Avro))
	_, err := client.CreateSchema(subject, wrong, srclient.Avro)
	var refusal srclient.Error
	equal(t, errors.As(err, &refusal), true)
	equal(t, refusal.Code, 40901)
	must[*srclient.Schema](t)(client.CreateSchema(subject, wider, srclient.Avro))
	// This client deletes for good in one call: first softly, then permanently.
	equal(t, client.DeleteSubjectByVersion(subject, 1, true), nil)
	equal(t, must[[]int](t)(client.GetSchemaVersions(subject)), []int{2})
	equal(t, client.DeleteSubjectByVersion(subject, 2, false), nil)
	listed := must[[]string](t)(client.GetSubjectsIncludingDeleted())
	equal(t, contains(listed, subject), true)
	equal(t, contains(must[[]string](t)(client.GetSubjects()), subject), false)

	must[*srclient.Schema](t)(client.CreateSchema(subject+"-2", user, srclient.Avro))
	equal(t, client.DeleteSubject(subject+"-2", true), nil)
	listed = must[[]string](t)(client.GetSubjectsIncludingDeleted())
	equal(t, contains(listed, subject+"-2"), false)
}
