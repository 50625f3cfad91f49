"use strict";
// @kafkajs/confluent-schema-registry against the registry that ACCORD_URL names.

const assert = require("node:assert/strict");
const { randomUUID } = require("node:crypto");
const { test } = require("node:test");
const { COMPATIBILITY, SchemaRegistry, SchemaType } = require("@kafkajs/confluent-schema-registry");

const host = process.env.ACCORD_URL;
const connect = (options) => new SchemaRegistry({ host, retry: { retries: 0 } }, options);
const unique = (word) => `${word}${randomUUID().replaceAll("-", "")}`;

const user = (namespace) => ({
  type: "record",
  name: "User",
  namespace,
  fields: [
    { name: "id", type: "long" },
    { name: "email", type: ["null", "string"], default: null },
  ],
});

const JSON_USER = JSON.stringify({
  type: "object",
  properties: { id: { type: "integer", minimum: 1 } },
  required: ["id"],
});

const PROTO_USER = `syntax = "proto3";
package shop;
message User {
  string name = 1;
  map<string, int32> points = 2;
  oneof contact {
    string email = 3;
    int64 phone = 4;
  }
}
`;

test("Avro is registered, looked up, encoded and decoded", async () => {
  const namespace = unique("n");
  const { id } = await connect().register(user(namespace));
  const subject = `${namespace}.User`; // the name of the record, as this client has it
  assert.equal(await connect().getLatestSchemaId(subject), id);
  assert.equal(await connect().getRegistryId(subject, 1), id);
  const asSchema = { type: SchemaType.AVRO, schema: JSON.stringify(user(namespace)) };
  assert.equal(await connect().getRegistryIdBySchema(subject, asSchema), id);
  const message = await connect().encode(id, { id: 7, email: "x" });
  assert.deepEqual([...message.subarray(5)], [14, 2, 2, 120]);
  assert.equal(message.readInt32BE(1), id);
  assert.deepEqual({ ...(await connect().decode(message)) }, { id: 7, email: "x" });
});

test("the same schema is registered once", async () => {
  const namespace = unique("n");
  const [first, second] = [await connect().register(user(namespace)), await connect().register(user(namespace))];
  assert.equal(first.id, second.id);
  const versions = await (await fetch(`${host}/subjects/${namespace}.User/versions`)).json();
  assert.deepEqual(versions, [1]);
});

test("an old message is read with a newer schema", async () => {
  const namespace = unique("n");
  const subject = `${namespace}.User`;
  const registry = connect();
  const old = await registry.register(user(namespace));
  const wider = user(namespace);
  wider.fields.push({ name: "city", type: "string", default: "Bonn" });
  const { id } = await registry.register(wider);
  assert.ok(id > old.id);
  const message = await registry.encode(old.id, { id: 1, email: null });
  const read = await registry.decode(message, { [SchemaType.AVRO]: { readerSchema: wider } });
  assert.deepEqual({ ...read }, { id: 1, email: null, city: "Bonn" });
  assert.equal(await registry.getLatestSchemaId(subject), id);
});

test("an incompatible schema is refused", async () => {
  const namespace = unique("n");
  await connect().register(user(namespace));
  const wrong = user(namespace);
  wrong.fields.push({ name: "city", type: "string" });
  await assert.rejects(connect().register(wrong), (error) => {
    assert.equal(error.status, 409);
    assert.match(error.message, /incompatible with an earlier schema/);
    return true;
  });
});

test("the compatibility of a new subject is set", async () => {
  const subject = unique("s");
  await connect().register(user(unique("n")), { subject, compatibility: COMPATIBILITY.FULL });
  const config = await (await fetch(`${host}/config/${subject}`)).json();
  assert.equal(config.compatibilityLevel, "FULL");
});

test("an Avro reference is followed", async () => {
  const namespace = unique("n");
  const subject = `${namespace}.User`;
  await connect().register(user(namespace));
  const order = {
    type: "record",
    name: "Order",
    namespace,
    fields: [{ name: "by", type: `${namespace}.User` }],
  };
  const schema = {
    type: SchemaType.AVRO,
    schema: JSON.stringify(order),
    references: [{ name: subject, subject, version: 1 }],
  };
  const { id } = await connect().register(schema, { subject: unique("s") });
  const message = await connect().encode(id, { by: { id: 1, email: null } });
  assert.equal((await connect().decode(message)).by.id, 1);
});

test("JSON Schema is registered, looked up, encoded and decoded", async () => {
  const subject = unique("s");
  const schema = { type: SchemaType.JSON, schema: JSON_USER };
  const { id } = await connect().register(schema, { subject });
  assert.equal(await connect().getRegistryIdBySchema(subject, schema), id);
  const message = await connect().encode(id, { id: 3 });
  assert.equal(message.subarray(5).toString(), '{"id":3}');
  assert.deepEqual(await connect().decode(message), { id: 3 });
  await assert.rejects(connect().encode(id, { id: 0 }));
});

test("a JSON Schema reference is followed", async () => {
  const part = unique("s");
  const text = JSON.stringify({ $id: `https://accord.invalid/${part}.json`, type: "integer", minimum: 5 });
  await connect().register({ type: SchemaType.JSON, schema: text }, { subject: part });
  const whole = JSON.stringify({
    $id: `https://accord.invalid/${part}/whole.json`,
    type: "object",
    properties: { a: { $ref: `https://accord.invalid/${part}.json` } },
  });
  const references = [{ name: `https://accord.invalid/${part}.json`, subject: part, version: 1 }];
  const { id } = await connect().register({ type: SchemaType.JSON, schema: whole, references }, { subject: unique("s") });
  assert.deepEqual(await connect().decode(await connect().encode(id, { a: 5 })), { a: 5 });
  await assert.rejects(connect().encode(id, { a: 4 }));
});

test("Protobuf is registered, looked up, encoded and decoded", async () => {
  const subject = unique("s");
  const schema = { type: SchemaType.PROTOBUF, schema: PROTO_USER };
  const { id } = await connect().register(schema, { subject });
  assert.equal(await connect().getRegistryIdBySchema(subject, schema), id);
  const message = await connect().encode(id, { name: "Ada", points: { a: 1 }, email: "x@y" });
  const read = await connect().decode(message);
  assert.deepEqual({ name: read.name, points: read.points, email: read.email }, { name: "Ada", points: { a: 1 }, email: "x@y" });
});

test("a Protobuf import is followed", async () => {
  const part = unique("s");
  await connect().register({ type: SchemaType.PROTOBUF, schema: PROTO_USER }, { subject: part });
  const whole = 'syntax = "proto3";\npackage shop;\nimport "user.proto";\nmessage Order {\n  User by = 1;\n}\n';
  const references = [{ name: "user.proto", subject: part, version: 1 }];
  const subject = unique("s");
  const { id } = await connect().register({ type: SchemaType.PROTOBUF, schema: whole, references }, { subject });
  const read = await connect().decode(await connect().encode(id, { by: { name: "Ada" } }));
  assert.equal(read.by.name, "Ada");
});

test("an unknown id is refused", async () => {
  await assert.rejects(connect().getSchema(2000000000), (error) => {
    assert.equal(error.status, 404);
    return true;
  });
});
