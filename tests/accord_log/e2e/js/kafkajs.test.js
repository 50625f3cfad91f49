"use strict";
// kafkajs against the cluster that ACCORD_BOOTSTRAP names.

const assert = require("node:assert/strict");
const { randomUUID } = require("node:crypto");
const { test } = require("node:test");
const { CompressionTypes, Kafka, PartitionAssigners, logLevel } = require("kafkajs");

const kafka = new Kafka({
  brokers: [process.env.ACCORD_BOOTSTRAP],
  logLevel: logLevel.NOTHING,
  retry: { initialRetryTime: 50 },
});
const unique = (word) => `${word}-${randomUUID()}`;

const using = async (client, work) => {
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.disconnect();
  }
};

const makeTopic = async (numPartitions = 1) => {
  const topic = unique("js");
  await using(kafka.admin(), (admin) =>
    admin.createTopics({ topics: [{ topic, numPartitions }], waitForLeaders: true }),
  );
  return topic;
};

const members = (groupId, settings = {}) =>
  kafka.consumer({ groupId, heartbeatInterval: 100, sessionTimeout: 6000, maxWaitTimeInMs: 50, ...settings });

// Resolves with the first `count` records.
const take = (consumer, topic, count) =>
  new Promise((resolve, reject) => {
    const found = [];
    const eachMessage = async ({ message, partition }) => {
      found.push({ ...message, partition });
      if (found.length === count) resolve(found);
    };
    consumer
      .subscribe({ topic, fromBeginning: true })
      .then(() => consumer.run({ eachMessage }))
      .catch(reject);
  });

const read = (topic, count, settings) =>
  using(members(unique("group"), settings), (consumer) => take(consumer, topic, count));

const values = (records) => records.map(({ value }) => value.toString());

test("records come back", async () => {
  const topic = await makeTopic();
  const messages = [
    { key: "key", value: "value", headers: { trace: "1" }, timestamp: "1700000000123" },
    { key: "gone", value: null },
  ];
  await using(kafka.producer(), (producer) => producer.send({ topic, messages }));
  const [full, empty] = await read(topic, 2);
  assert.equal(full.key.toString() + full.value.toString(), "keyvalue");
  assert.equal(full.headers.trace.toString(), "1");
  assert.deepEqual([full.timestamp, full.offset], ["1700000000123", "0"]);
  assert.deepEqual([empty.value, empty.offset], [null, "1"]);
});

test("compressed batches come back", async () => {
  const topic = await makeTopic();
  const messages = Array.from({ length: 200 }, (_, number) => ({ value: `${number} ${"x".repeat(80)}` }));
  await using(kafka.producer(), (producer) =>
    producer.send({ topic, messages, compression: CompressionTypes.GZIP }),
  );
  assert.deepEqual(values(await read(topic, 200)), messages.map(({ value }) => value));
});

test("records arrive at any level of acknowledgement", async () => {
  const topic = await makeTopic();
  for (const acks of [0, 1, -1]) {
    await using(kafka.producer(), (producer) =>
      producer.send({ topic, acks, messages: [{ value: String(acks) }] }),
    );
  }
  assert.deepEqual(values(await read(topic, 3)).sort(), ["-1", "0", "1"]);
});

test("an idempotent producer writes in order", async () => {
  const topic = await makeTopic();
  await using(kafka.producer({ idempotent: true, maxInFlightRequests: 1 }), async (producer) => {
    for (let number = 0; number < 50; number += 1) {
      await producer.send({ topic, messages: [{ value: String(number) }] });
    }
  });
  assert.deepEqual(values(await read(topic, 50)), Array.from({ length: 50 }, (_, n) => String(n)));
});

test("members share the partitions", async () => {
  const topic = await makeTopic(4);
  const groupId = unique("group");
  const parts = new Map();
  const consumers = [0, 1].map(() => members(groupId, { partitionAssigners: [PartitionAssigners.roundRobin] }));
  const shared = new Promise((resolve) => {
    for (const consumer of consumers) {
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
        parts.set(consumer, payload.memberAssignment[topic] ?? []);
        const sizes = [...parts.values()].map((part) => part.length);
        if (sizes.length === 2 && sizes.every((size) => size === 2)) resolve();
      });
    }
  });
  for (const consumer of consumers) {
    await consumer.connect();
    await consumer.subscribe({ topic });
    await consumer.run({ eachMessage: async () => {} });
  }
  await shared;
  assert.deepEqual([...parts.values()].flat().sort(), [0, 1, 2, 3]);
  await Promise.all(consumers.map((consumer) => consumer.disconnect()));
});

test("a group goes on where it committed", async () => {
  const topic = await makeTopic();
  const groupId = unique("group");
  await using(kafka.admin(), async (admin) => {
    await admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: "3" }] });
    const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
    assert.equal(found.partitions[0].offset, "3");
  });
  const messages = Array.from({ length: 6 }, (_, number) => ({ value: String(number) }));
  await using(kafka.producer(), (producer) => producer.send({ topic, messages }));
  const rest = await using(members(groupId), (consumer) => take(consumer, topic, 3));
  assert.deepEqual(values(rest), ["3", "4", "5"]);
});

test("what is committed is read and what is aborted is not", async () => {
  const topic = await makeTopic();
  const settings = { transactionalId: unique("txn"), idempotent: true, maxInFlightRequests: 1 };
  await using(kafka.producer(settings), async (producer) => {
    for (const word of ["aborted", "committed"]) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value: word }] });
      await (word === "aborted" ? transaction.abort() : transaction.commit());
    }
  });
  assert.deepEqual(values(await read(topic, 1)), ["committed"]);
  assert.deepEqual(values(await read(topic, 2, { readUncommitted: true })), ["aborted", "committed"]);
});

test("offsets are committed with the records", async () => {
  const topic = await makeTopic();
  const groupId = unique("group");
  const settings = { transactionalId: unique("txn"), idempotent: true, maxInFlightRequests: 1 };
  await using(kafka.producer(settings), async (producer) => {
    const transaction = await producer.transaction();
    const topics = [{ topic, partitions: [{ partition: 0, offset: "5" }] }];
    await transaction.sendOffsets({ consumerGroupId: groupId, topics });
    await transaction.commit();
  });
  await using(kafka.admin(), async (admin) => {
    let offset = "-1";
    while (offset === "-1") {
      const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
      offset = found.partitions[0].offset;
    }
    assert.equal(offset, "5");
  });
});

test("topics and groups are administered", async () => {
  const topic = await makeTopic(2);
  await using(kafka.admin(), async (admin) => {
    assert.equal(await admin.createTopics({ topics: [{ topic }] }), false);
    await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
    assert.ok((await admin.listTopics()).includes(topic));
    const resource = { type: 2, name: topic };
    await admin.alterConfigs({
      resources: [{ ...resource, configEntries: [{ name: "retention.ms", value: "1234" }] }],
    });
    const described = await admin.describeConfigs({ resources: [{ ...resource, configNames: ["retention.ms"] }] });
    assert.equal(described.resources[0].configEntries[0].configValue, "1234");
    assert.equal((await admin.describeCluster()).brokers.length, 1);
    await admin.deleteTopics({ topics: [topic] });
  });
});
