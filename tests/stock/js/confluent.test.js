"use strict";
// @confluentinc/schemaregistry against the registry that ACCORD_URL names. ACCORD_PROTOS is a file
// with the set of descriptors that protoc made of protos/shop/order.proto and all it imports.

const assert = require("node:assert/strict");
const { randomUUID } = require("node:crypto");
const { readFileSync } = require("node:fs");
const { test } = require("node:test");
const { create, createFileRegistry, fromBinary, toJson } = require("@bufbuild/protobuf");
const { FileDescriptorSetSchema } = require("@bufbuild/protobuf/wkt");
const sr = require("@confluentinc/schemaregistry");

const connect = (path = "") => new sr.SchemaRegistryClient({ baseURLs: [process.env.ACCORD_URL + path], maxRetries: 0 });
const unique = (word) => `${word}${randomUUID().replaceAll("-", "")}`;
const VALUE = sr.SerdeType.VALUE;
const LATEST = { useLatestVersion: true };

const user = (...more) => ({
  type: "record",
  name: "User",
  fields: [{ name: "id", type: "long" }, ...more],
});
const avro = (document, extra = {}) => ({ schemaType: "AVRO", schema: JSON.stringify(document), ...extra });
const is = (status, code) => (error) => {
  assert.deepEqual([error.status, error.errorCode], [status, code]);
  return true;
};

test("the client's methods", async () => {
  const client = connect();
  const subject = unique("s");
  const first = avro(user());
  const second = avro(user({ name: "x", type: "int", default: 0 }));
  const id = await client.register(subject, first);
  const full = await client.registerFullResponse(subject, second);
  assert.equal(full.id > id, true);
  assert.match(full.guid, /^[0-9a-f-]{36}$/);
  const other = connect();
  assert.equal((await other.getBySubjectAndId(subject, id)).schema, first.schema);
  assert.equal((await other.getByGuid(full.guid)).schema, second.schema);
  assert.equal(await other.getId(subject, first), id);
  assert.equal((await other.getIdFullResponse(subject, second)).version, 2);
  assert.equal((await other.getLatestSchemaMetadata(subject)).version, 2);
  assert.equal((await other.getSchemaMetadata(subject, 1)).id, id);
  assert.deepEqual(await other.getAllVersions(subject), [1, 2]);
  assert.equal(await other.getVersion(subject, second), 2);
  assert.equal((await other.getAllSubjects()).includes(subject), true);
  const wrong = avro(user({ name: "y", type: "int" }));
  assert.equal(await other.testSubjectCompatibility(subject, wrong), false);
  assert.equal(await other.testCompatibility(subject, 1, second), true);
  await assert.rejects(other.register(subject, wrong), is(409, 40901));
  assert.equal(await other.deleteSubjectVersion(subject, 1), 1);
  assert.equal((await connect().getSchemaMetadata(subject, 1, true)).id, id);
  assert.deepEqual(await other.deleteSubject(subject), [2]);
  assert.deepEqual(await other.deleteSubject(subject, true), [1, 2]);
  await assert.rejects(connect().getLatestSchemaMetadata(subject), is(404, 40401));
});

test("settings", async () => {
  const client = connect();
  const subject = unique("s");
  assert.equal(await client.updateCompatibility(subject, "FULL"), "FULL");
  assert.equal(await client.getCompatibility(subject), "FULL");
  assert.equal((await client.updateConfig(subject, { compatibility: "NONE", normalize: true })).normalize, true);
  assert.equal((await client.getConfig(subject)).compatibilityLevel, "NONE");
  assert.equal(await client.getDefaultCompatibility(), "BACKWARD");
  assert.equal((await client.getDefaultConfig()).compatibilityLevel, "BACKWARD");
  const own = connect(`/contexts/${unique("c")}`);
  assert.equal(await own.updateDefaultCompatibility("NONE"), "NONE");
  assert.equal((await own.updateDefaultConfig({ compatibilityGroup: "g" })).compatibilityGroup, "g");
});

test("associations", async () => {
  const client = connect();
  const topic = unique("t");
  await client.register(`my-${topic}`, avro(user()));
  const made = await client.createAssociation({
    resourceName: topic,
    resourceNamespace: "lkc-1",
    resourceId: `id-${topic}`,
    resourceType: "topic",
    associations: [{ subject: `my-${topic}`, associationType: "value", lifecycle: "WEAK" }],
  });
  assert.equal(made.associations[0].subject, `my-${topic}`);
  const serializer = new sr.AvroSerializer(connect(), VALUE, LATEST);
  const message = await serializer.serialize(topic, { id: 1 });
  assert.equal(message.readInt32BE(1), (await client.getLatestSchemaMetadata(`my-${topic}`)).id);
  const found = await client.getAssociationsByResourceName(topic, "-", "topic", ["value"], "WEAK", 0, -1);
  assert.deepEqual(found.map((each) => each.subject), [`my-${topic}`]);
  await client.deleteAssociations(`id-${topic}`, "topic", ["value"], false);
  assert.deepEqual(await client.getAssociationsByResourceName(topic, "-", null, [], null, 0, -1), []);
});

test("Avro is written and read, with references", async () => {
  const client = connect();
  const topic = unique("t");
  await client.register(`${topic}-user`, avro(user()));
  const order = { type: "record", name: "Order", fields: [{ name: "by", type: "User" }] };
  const references = [{ name: "User", subject: `${topic}-user`, version: 1 }];
  await client.register(`${topic}-value`, avro(order, { references }));
  const message = await new sr.AvroSerializer(client, VALUE, LATEST).serialize(topic, { by: { id: 7 } });
  assert.deepEqual([...message.subarray(5)], [14]);
  const read = await new sr.AvroDeserializer(connect(), VALUE, {}).deserialize(topic, message);
  assert.equal(read.by.id, 7);
});

test("Avro is registered by the serializer, written with an id and with a GUID", async () => {
  const topic = unique("t");
  const auto = new sr.AvroSerializer(connect(), VALUE, { autoRegisterSchemas: true });
  const message = await auto.serialize(topic, { a: "x" });
  const id = message.readInt32BE(1);
  const chosen = new sr.AvroSerializer(connect(), VALUE, { useSchemaId: id });
  assert.deepEqual(await chosen.serialize(topic, { a: "x" }), message);
  const headers = {};
  const schemaIdSerializer = sr.HeaderSchemaIdSerializer;
  const bare = new sr.AvroSerializer(connect(), VALUE, { ...LATEST, schemaIdSerializer });
  const payload = await bare.serialize(topic, { a: "longer than six" }, headers);
  assert.equal(headers.__value_schema_id.length, 17);
  const reader = new sr.AvroDeserializer(connect(), VALUE, { schemaIdDeserializer: sr.DualSchemaIdDeserializer });
  assert.equal((await reader.deserialize(topic, payload, headers)).a, "longer than six");
});

test("a CEL condition is executed", async () => {
  const topic = unique("t");
  sr.RuleRegistry.registerRuleExecutor(new sr.CelExecutor());
  const rule = { name: "r", kind: "CONDITION", mode: "WRITE", type: "CEL", expr: "message.id > 0" };
  await connect().register(`${topic}-value`, avro(user(), { ruleSet: { domainRules: [rule] } }));
  const serializer = new sr.AvroSerializer(connect(), VALUE, LATEST);
  assert.equal((await serializer.serialize(topic, { id: 1 })).length, 6);
  await assert.rejects(serializer.serialize(topic, { id: -1 }));
});

test("the version with certain metadata is written", async () => {
  const client = connect();
  const topic = unique("t");
  const documents = [user(), user({ name: "x", type: "int", default: 0 })];
  for (const [index, document] of documents.entries()) {
    const metadata = { properties: { major: String(index + 1) } };
    await client.register(`${topic}-value`, avro(document, { metadata }));
  }
  const conf = { useLatestWithMetadata: { major: "1" } };
  const message = await new sr.AvroSerializer(connect(), VALUE, conf).serialize(topic, { id: 1 });
  assert.equal(message.readInt32BE(1), (await client.getSchemaMetadata(`${topic}-value`, 1)).id);
});

test("JSON Schema is written and read, with references", async () => {
  const client = connect();
  const topic = unique("t");
  const part = { $schema: "https://json-schema.org/draft/2020-12/schema", type: "integer", minimum: 5 };
  await client.register(`${topic}-part`, { schemaType: "JSON", schema: JSON.stringify(part) });
  const whole = { $schema: part.$schema, type: "object", properties: { a: { $ref: "part.json" } } };
  const references = [{ name: "part.json", subject: `${topic}-part`, version: 1 }];
  await client.register(`${topic}-value`, { schemaType: "JSON", schema: JSON.stringify(whole), references });
  const serializer = new sr.JsonSerializer(connect(), VALUE, { ...LATEST, validate: true });
  const message = await serializer.serialize(topic, { a: 5 });
  const read = await new sr.JsonDeserializer(connect(), VALUE, {}).deserialize(topic, message);
  assert.deepEqual(read, { a: 5 });
  await assert.rejects(serializer.serialize(topic, { a: 4 }));
});

test("Protobuf is written and read, with imports, indexes and known types", async () => {
  const files = fromBinary(FileDescriptorSetSchema, readFileSync(process.env.ACCORD_PROTOS));
  const registry = createFileRegistry(files);
  const descriptor = registry.getMessage("shop.Order");
  const order = create(descriptor, {
    by: { name: "Ada", points: { a: 1n }, contact: { case: "email", value: "x@y" } },
    at: { seconds: 1n },
    voucher: "V",
  });
  const topic = unique("t");
  const path = `/contexts/${unique("c")}`;
  const serializer = new sr.ProtobufSerializer(connect(path), VALUE, { autoRegisterSchemas: true, registry });
  const message = await serializer.serialize(topic, order);
  assert.deepEqual([...message.subarray(5, 7)], [2, 2]);
  const deserializer = new sr.ProtobufDeserializer(connect(path), VALUE, {});
  const read = await deserializer.deserialize(topic, message);
  assert.deepEqual(toJson(descriptor, read), toJson(descriptor, order));
  const latest = await connect(path).getLatestSchemaMetadata(`${topic}-value`);
  assert.deepEqual(latest.references.map((each) => [each.name, each.version]), [["shop/customer.proto", 1]]);
  const again = new sr.ProtobufSerializer(connect(path), VALUE, { registry });
  assert.deepEqual(await again.serialize(topic, order), message);
});
