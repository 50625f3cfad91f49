package stock

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/twmb/franz-go/pkg/sr"
)

func franz(t *testing.T) (*sr.Client, context.Context) {
	t.Helper()
	return must[*sr.Client](t)(sr.NewClient(sr.URLs(address(t)))), t.Context()
}

func TestFranzSchemas(t *testing.T) {
	client, ctx := franz(t)
	subject := unique(t)
	first := must[sr.SubjectSchema](t)(client.CreateSchema(ctx, subject, sr.Schema{Schema: user}))
	equal(t, []any{first.Subject, first.Version, first.Schema.Schema}, []any{subject, 1, user})
	second := must[sr.SubjectSchema](t)(client.CreateSchema(ctx, subject, sr.Schema{Schema: wider}))
	equal(t, second.Version, 2)
	again := must[sr.SubjectSchema](t)(client.CreateSchema(ctx, subject, sr.Schema{Schema: user}))
	equal(t, again.ID, first.ID)
	found := must[sr.SubjectSchema](t)(client.LookupSchema(ctx, subject, sr.Schema{Schema: wider}))
	equal(t, found.ID, second.ID)
	equal(t, must[sr.Schema](t)(client.SchemaByID(ctx, first.ID)).Schema, user)
	equal(t, must[string](t)(client.SchemaTextByID(ctx, first.ID)), user)
	equal(t, must[sr.SubjectSchema](t)(client.SchemaByVersion(ctx, subject, -1)).ID, second.ID)
	equal(t, must[string](t)(client.SchemaTextByVersion(ctx, subject, 1)), user)
	byGUID := must[sr.SubjectSchema](t)(client.SchemaByGUID(ctx, found.GUID))
	equal(t, byGUID.Schema.Schema, wider)
	ids := must[[]sr.ContextID](t)(client.SchemaIDsByGUID(ctx, found.GUID))
	equal(t, ids, []sr.ContextID{{Context: ".", ID: second.ID}})
	equal(t, must[[]int](t)(client.SubjectVersions(ctx, subject)), []int{1, 2})
	equal(t, len(must[[]sr.SubjectSchema](t)(client.Schemas(ctx, subject))), 2)
	holders := must[[]sr.SubjectVersion](t)(client.SchemaVersionsByID(ctx, second.ID))
	equal(t, contains(holders, sr.SubjectVersion{Subject: subject, Version: 2}), true)
	equal(t, contains(must[[]string](t)(client.SubjectsByID(ctx, second.ID)), subject), true)
	equal(t, len(must[[]sr.SubjectSchema](t)(client.SchemaUsagesByID(ctx, second.ID))) > 0, true)
	equal(t, contains(must[[]string](t)(client.Subjects(ctx)), subject), true)
	equal(t, len(must[[]sr.SchemaType](t)(client.SupportedTypes(ctx))), 3)
	equal(t, must[[]string](t)(client.Contexts(ctx))[0], ".")
}

func TestFranzReferencesAndFormats(t *testing.T) {
	client, ctx := franz(t)
	subject := unique(t)
	part := must[sr.SubjectSchema](t)(client.CreateSchema(ctx, subject+"-user", sr.Schema{Schema: user}))
	references := []sr.SchemaReference{{Name: "shop.User", Subject: part.Subject, Version: 1}}
	whole := must[sr.SubjectSchema](t)(client.CreateSchema(ctx, subject, sr.Schema{Schema: order, References: references}))
	equal(t, whole.References, references)
	referrers := must[[]sr.SubjectSchema](t)(client.SchemaReferences(ctx, part.Subject, 1))
	equal(t, referrers[0].ID, whole.ID)
	for kind, text := range map[sr.SchemaType]string{sr.TypeJSON: object, sr.TypeProtobuf: proto} {
		schema := sr.Schema{Schema: text, Type: kind}
		made := must[sr.SubjectSchema](t)(client.CreateSchema(ctx, subject+kind.String(), schema))
		equal(t, must[sr.Schema](t)(client.SchemaByID(ctx, made.ID)), schema)
	}
	serialized := sr.WithParams(ctx, sr.Format("serialized"))
	text := must[sr.SubjectSchema](t)(client.SchemaByVersion(serialized, subject+sr.TypeProtobuf.String(), 1))
	equal(t, text.Schema.Schema == proto, false)
}

func TestFranzMetadataAndRules(t *testing.T) {
	client, ctx := franz(t)
	schema := sr.Schema{
		Schema:         user,
		SchemaMetadata: &sr.SchemaMetadata{Properties: map[string]string{"owner": "me"}},
		SchemaRuleSet: &sr.SchemaRuleSet{DomainRules: []sr.SchemaRule{{
			Name: "r", Kind: sr.SchemaRuleKindCondition, Mode: sr.SchemaRuleModeWrite, Type: "CEL", Expr: "true",
		}}},
	}
	made := must[sr.SubjectSchema](t)(client.CreateSchema(ctx, unique(t), schema))
	equal(t, made.SchemaMetadata, schema.SchemaMetadata)
	equal(t, made.SchemaRuleSet, schema.SchemaRuleSet)
}

func TestFranzSettings(t *testing.T) {
	client, ctx := franz(t)
	subject := unique(t)
	full := sr.SetCompatibility{Level: sr.CompatFull}
	for _, result := range client.SetCompatibility(ctx, full, subject) {
		equal(t, []any{result.Err, result.Level}, []any{nil, sr.CompatFull})
	}
	equal(t, client.Compatibility(ctx, subject)[0].Level, sr.CompatFull)
	equal(t, client.Compatibility(ctx)[0].Level, sr.CompatBackward)
	equal(t, client.ResetCompatibility(ctx, subject)[0].Err, nil)
	equal(t, client.SetMode(ctx, sr.ModeReadOnly, subject)[0].Err, nil)
	equal(t, client.Mode(ctx, subject)[0].Mode, sr.ModeReadOnly)
	_, err := client.CreateSchema(ctx, subject, sr.Schema{Schema: user})
	equal(t, code(t, err), []int{422, 42205})
	equal(t, client.ResetMode(ctx, subject)[0].Err, nil)
	equal(t, client.Mode(ctx)[0].Mode, sr.ModeReadWrite)
}

func TestFranzDeletesAndRefusals(t *testing.T) {
	client, ctx := franz(t)
	subject := unique(t)
	_, err := client.SubjectVersions(ctx, subject)
	equal(t, code(t, err), []int{404, 40401})
	must[sr.SubjectSchema](t)(client.CreateSchema(ctx, subject, sr.Schema{Schema: user}))
	result := must[sr.CheckCompatibilityResult](t)(client.CheckCompatibility(ctx, subject, -1, sr.Schema{Schema: wrong}))
	equal(t, result.Is, false)
	_, err = client.CreateSchema(ctx, subject, sr.Schema{Schema: wrong})
	equal(t, code(t, err), []int{409, 40901})
	equal(t, code(t, client.DeleteSchema(ctx, subject, 1, sr.HardDelete)), []int{404, 40407})
	equal(t, client.DeleteSchema(ctx, subject, 1, sr.SoftDelete), nil)
	equal(t, client.DeleteSchema(ctx, subject, 1, sr.HardDelete), nil)
	must[sr.SubjectSchema](t)(client.CreateSchema(ctx, subject, sr.Schema{Schema: user}))
	equal(t, must[[]int](t)(client.DeleteSubject(ctx, subject, sr.SoftDelete)), []int{1})
	equal(t, must[[]int](t)(client.DeleteSubject(ctx, subject, sr.HardDelete)), []int{1})
}

func TestFranzContexts(t *testing.T) {
	client, ctx := franz(t)
	name := "." + unique(t)
	within := sr.InContext(ctx, name)
	made := must[sr.SubjectSchema](t)(client.CreateSchema(within, "s", sr.Schema{Schema: user}))
	equal(t, made.ID, 1)
	equal(t, must[[]int](t)(client.SubjectVersions(ctx, ":"+name+":s")), []int{1})
	must[[]int](t)(client.DeleteSubject(within, "s", sr.SoftDelete))
	must[[]int](t)(client.DeleteSubject(within, "s", sr.HardDelete))
	equal(t, client.DeleteContext(ctx, name), nil)
	equal(t, contains(must[[]string](t)(client.Contexts(ctx)), name), false)
}

func TestFranzImport(t *testing.T) {
	client, ctx := franz(t)
	within := sr.InContext(ctx, "."+unique(t))
	equal(t, client.SetMode(within, sr.ModeImport, "s")[0].Err, nil)
	made := must[sr.SubjectSchema](t)(client.CreateSchemaWithIDAndVersion(within, "s", sr.Schema{Schema: user}, 42, 7))
	equal(t, []int{made.ID, made.Version}, []int{42, 7})
}

func TestFranzSerde(t *testing.T) {
	client, ctx := franz(t)
	type value struct {
		ID int `json:"id"`
	}
	made := must[sr.SubjectSchema](t)(client.CreateSchema(ctx, unique(t), sr.Schema{Schema: object, Type: sr.TypeJSON}))
	var serde sr.Serde
	serde.Register(made.ID, value{}, sr.EncodeFn(json.Marshal), sr.DecodeFn(json.Unmarshal))
	message := must[[]byte](t)(serde.Encode(value{7}))
	id, rest, err := new(sr.ConfluentHeader).DecodeID(message)
	equal(t, []any{id, string(rest), err}, []any{made.ID, `{"id":7}`, nil})
	var read value
	equal(t, serde.Decode(message, &read), nil)
	equal(t, read, value{7})
}

func contains[T comparable](list []T, wanted T) bool {
	for _, each := range list {
		if each == wanted {
			return true
		}
	}
	return false
}

func code(t *testing.T, err error) []int {
	t.Helper()
	var refusal *sr.ResponseError
	if !errors.As(err, &refusal) {
		t.Fatalf("%v is no answer of a registry", err)
	}
	return []int{refusal.StatusCode, refusal.ErrorCode}
}
