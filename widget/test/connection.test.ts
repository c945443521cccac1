import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Connection, type Link } from "../src/connection.ts";
import type { World } from "../src/world.ts";
import { FakeWorld, SERVER, settle } from "./fakes.ts";

function connected({ isOpen = true } = {}) {
  const world = new FakeWorld();
  const links: Link[] = [];
  const took: string[] = [];
  const lost: number[] = [];
  const client = { isWaiting: true, onLost: () => {} };
  const connection = new Connection(SERVER, world, {
    awaits: () => client.isWaiting,
    take: ({ type }) => took.push(type),
    lost: (code) => {
      lost.push(code);
      client.onLost();
    },
    linked: (link) => links.push(link),
  });
  if (isOpen) {
    connection.open();
    world.socket.welcome();
    links.length = 0;
  }
  return { world, links, took, lost, client, connection };
}

test("opens the socket of its server, and is open with the welcome", () => {
  const { connection, world, links, took } = connected({ isOpen: false });
  assert.equal(world.sockets.length, 0);
  connection.open();
  connection.open();
  assert.equal(world.sockets.length, 1);
  assert.equal(world.socket.url, "wss://tutor.example/book/ws/chat");
  assert.equal(world.socket.protocol, "chat-v1");
  world.socket.open();
  assert.equal(connection.link, "connecting");
  world.socket.welcome();
  assert.deepEqual(links, ["connecting", "open"]);
  assert.deepEqual(took, ["welcome"]);
});

test("a close while nothing waits is not reported, and no socket follows", () => {
  const { connection, world, client, links } = connected();
  client.isWaiting = false;
  world.socket.shut(4201);
  assert.deepEqual(links, ["idle"]);
  world.pass(100_000);
  assert.equal(world.sockets.length, 1);
  assert.equal(world.timers, 0);
  connection.wake();
  assert.equal(world.sockets.length, 1);
  connection.open();
  assert.equal(world.sockets.length, 2);
});

test("the first retry is quick, then each waits up to twice as long, to half a minute", () => {
  const { connection, world } = connected();
  world.chance = 0.999;
  const most = [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000];
  for (const ms of most) {
    world.socket.open();
    world.socket.shut();
    assert.equal(connection.link, "lost");
    assert.ok(Math.abs(world.pause - ms) < ms / 100, `${ms}`);
    const { length } = world.sockets;
    world.pass(ms * 0.99);
    assert.equal(world.sockets.length, length);
    world.pass(ms * 0.01);
    assert.equal(world.sockets.length, length + 1);
  }
});

test("the pause is a random part of its limit", () => {
  const { connection, world } = connected();
  for (const chance of [0, 0.25, 0.75]) {
    world.chance = chance;
    world.socket.open();
    world.socket.shut();
    connection.prosper();
    assert.equal(connection.link, "lost");
    assert.equal(world.pause, chance * 500);
    world.pass(500);
  }
});

test("the backoff starts again when an answer goes on, not with a mere welcome", () => {
  const { connection, world } = connected();
  const delay = () => {
    world.socket.shut();
    assert.equal(connection.link, "lost");
    const ms = world.pause;
    world.pass(ms);
    world.socket.welcome();
    return ms;
  };
  assert.deepEqual([delay(), delay(), delay()], [250, 500, 1000]);
  connection.prosper();
  assert.equal(delay(), 250);
});

test("waking tries at once, and starts the backoff again", () => {
  const { connection, world } = connected();
  for (let n = 0; n < 5; n++) {
    world.socket.open();
    world.socket.shut();
    if (n < 4) world.pass(250 * 2 ** n);
  }
  const { length } = world.sockets;
  connection.wake();
  connection.wake();
  assert.equal(world.sockets.length, length + 1);
  world.socket.open();
  world.socket.shut();
  assert.equal(connection.link, "lost");
  assert.equal(world.pause, 250);
});

test("after 15 s of silence a ping is sent, and after 10 s more the socket is dropped", () => {
  const { world, links, lost } = connected();
  const { socket } = world;
  world.pass(14_999);
  assert.equal(socket.pings, 0);
  world.pass(1);
  assert.equal(socket.pings, 1);
  world.pass(9_999);
  assert.deepEqual(links, []);
  world.pass(1);
  assert.deepEqual(links, ["lost"]);
  assert.deepEqual(lost, [1006]);
  assert.ok(socket.isClosed);
});

test("any message ends the silence", () => {
  const { world, links } = connected();
  for (let n = 0; n < 10; n++) {
    world.pass(15_000);
    assert.equal(world.socket.pings, n + 1);
    world.pass(9_000);
    world.socket.say("pong");
  }
  assert.deepEqual(links, []);
});

test("while nothing waits, no ping is sent, until something does", () => {
  const { connection, world, client } = connected();
  client.isWaiting = false;
  world.pass(1_000_000);
  assert.equal(world.socket.pings, 0);
  client.isWaiting = true;
  connection.send({ type: "question", data: { question: "Why?" } });
  world.pass(15_000);
  assert.equal(world.socket.pings, 1);
});

test("waking a silent socket gives it 5 s, however often", () => {
  const { connection, world, links } = connected();
  for (let n = 0; n < 4; n++) {
    connection.wake();
    world.pass(1_200);
  }
  assert.equal(world.socket.pings, 1);
  assert.deepEqual(links, []);
  world.pass(200);
  assert.deepEqual(links, ["lost"]);
});

test("each waking after an answer asks again", () => {
  const { connection, world } = connected();
  for (const pings of [1, 2]) {
    connection.wake();
    assert.equal(world.socket.pings, pings);
    world.socket.say("pong");
  }
});

test("a socket that is lost when woken while nothing waits is closed quietly", () => {
  const { connection, world, links, client } = connected();
  client.isWaiting = false;
  connection.wake();
  world.pass(5_000);
  assert.deepEqual(links, ["idle"]);
  assert.equal(world.timers, 0);
});

test("without a welcome for 10 s it tries another socket", async () => {
  const { connection, world, links } = connected({ isOpen: false });
  connection.open();
  world.socket.open();
  world.pass(10_000);
  assert.deepEqual(links, ["connecting", "lost"]);
  assert.ok(world.sockets[0]?.isClosed);
  world.pass(250);
  world.pass(10_000); // not even a handshake
  await settle();
  assert.equal(connection.link, "unreachable");
});

test("messages over a dropped socket are ignored", () => {
  const { connection, world, took, lost, links } = connected();
  const [old] = world.sockets;
  connection.renew();
  world.pass(250);
  world.socket.welcome();
  const before = [took.length, lost.length, links.length];
  old?.say("response_chunk");
  old?.shut();
  assert.deepEqual([took.length, lost.length, links.length], before);
});

const PAGE_SEEN = { scheme: "https", host: "tutor.example", origin_allowed: true };

/** A connection whose first two handshakes were refused, with what the server says of it. */
async function refused(book: FakeWorld["book"]) {
  const on = connected({ isOpen: false });
  on.world.book = book;
  on.connection.open();
  on.world.socket.shut();
  on.world.pass(250);
  on.world.socket.shut();
  await settle();
  return on;
}

/** What is written to the console meanwhile. */
function warnings(t: TestContext): string[] {
  const written: string[] = [];
  t.mock.method(console, "warn", (text: string) => written.push(text));
  return written;
}

test("the first handshake that is refused may be chance, and is tried again unseen", () => {
  const { connection, world, links } = connected({ isOpen: false });
  connection.open();
  world.socket.shut();
  world.pass(250);
  assert.equal(world.sockets.length, 2);
  world.socket.welcome();
  assert.deepEqual(links, ["connecting", "open"]);
  assert.equal(world.fetched, 0);
});

test("after the second one the server says why", async (t) => {
  warnings(t);
  const request = PAGE_SEEN;
  const refusing = { ...request, origin_allowed: false };
  const cases = [
    [{ status: 200, json: { request } }, "proxy"],
    [{ status: 200, json: { request, retry_after: 30 } }, "busy"],
    [{ status: 429, json: { request } }, "busy"],
    [{ status: 503, json: { request } }, "busy"],
    [{ status: 503, json: { error: "starting" } }, "busy"],
    [{ status: 403, json: { request: refusing } }, "origin"],
    [{ status: 200, json: { request: refusing } }, "origin"], // for a page of the server's own
    [{ status: 429, json: { request: refusing } }, "origin"],
    [{ status: 200, json: {} }, "unreachable"], // not our server
    [{ status: 200, json: null }, "unreachable"],
    [{ status: 502, json: {} }, "unreachable"],
    [undefined, "unreachable"],
  ] as const;
  for (const [book, reason] of cases) {
    const { connection, links } = await refused(book);
    assert.equal(connection.link, reason, JSON.stringify(book));
    assert.deepEqual(links, ["connecting", reason]);
  }
});

test("whatever the reason, it tries again, and says it until a socket opens", async (t) => {
  warnings(t);
  const { world, links } = await refused({ status: 200, json: { request: PAGE_SEEN } });
  for (const ms of [500, 1000, 2000]) {
    assert.equal(world.pause, ms);
    world.pass(ms);
    world.socket.shut();
    await settle();
  }
  assert.deepEqual(links, ["connecting", "proxy"]);
  world.book = { status: 503, json: { request: PAGE_SEEN } };
  world.pass(4000);
  world.socket.shut();
  await settle();
  world.pass(8000);
  world.socket.welcome();
  assert.deepEqual(links, ["connecting", "proxy", "busy", "open"]);
});

test("who wakes it sees that it tries at once", async () => {
  const { connection, world, links } = await refused(undefined);
  connection.wake();
  assert.equal(world.sockets.length, 3);
  assert.deepEqual(links, ["connecting", "unreachable", "connecting"]);
});

test("what the person who runs the server can mend is written to the console, once", async (t) => {
  const written = warnings(t);
  const request = { ...PAGE_SEEN, scheme: "http", origin_allowed: false };
  const { world } = await refused({ status: 403, json: { request } });
  world.pass(500);
  world.socket.shut();
  await settle();
  assert.equal(written.length, 1);
  assert.match(
    written[0] ?? "",
    /saw http:\/\/tutor\.example and the page https:\/\/book\.example/,
  );
  assert.match(written[0] ?? "", /SCHOLIAST_TRUSTED_PROXIES.* SCHOLIAST_ALLOWED_ORIGINS/);
  assert.doesNotMatch(written[0] ?? "", /Upgrade|pass on Host/);

  world.book = { status: 200, json: { request: { ...PAGE_SEEN, host: "backend:8000" } } };
  world.pass(1000);
  world.socket.shut();
  await settle();
  assert.match(written[1] ?? "", /pass on Host\. .*Upgrade and Connection/);
  assert.doesNotMatch(written[1] ?? "", /TRUSTED|ORIGINS/);
});

test("what cannot be mended is not written", async (t) => {
  const written = warnings(t);
  await refused({ status: 200, json: { request: PAGE_SEEN, retry_after: 1 } });
  await refused(undefined);
  assert.deepEqual(written, []);
});

test("after one welcome a refusal is never put down to the proxy", async () => {
  const { connection, world } = connected();
  world.book = { status: 200, json: { request: PAGE_SEEN } };
  world.socket.shut(1012);
  world.pass(250);
  world.socket.shut();
  await settle();
  assert.equal(connection.link, "busy");
});

test("such a request ends after 5 s", async () => {
  const { connection, world } = await refused("never");
  world.pass(4_999);
  await settle();
  assert.equal(connection.link, "connecting");
  world.pass(1);
  await settle();
  assert.equal(connection.link, "unreachable");
});

test("such a request that ends after the close changes nothing", async () => {
  const { connection, world, links } = await refused("never");
  connection.close();
  world.pass(5_000);
  await settle();
  assert.deepEqual(links, ["connecting", "idle"]);
  assert.equal(world.timers, 0);
});

test("offline is reported once, retries go on, and a welcome ends it", async () => {
  const { connection, world, links } = connected();
  world.online = false;
  world.socket.shut();
  for (let n = 0; n < 5; n++) {
    world.pass(250 * 2 ** n);
    world.socket.shut();
    await settle();
  }
  assert.equal(world.sockets.length, 6);
  assert.deepEqual(links, ["offline"]);
  assert.equal(world.fetched, 0);
  connection.wake();
  world.socket.welcome(); // there is no network, but the server is on this machine
  assert.deepEqual(links, ["offline", "open"]);
});

test("back online, waking connects at once", () => {
  const { connection, world, links } = connected();
  world.online = false;
  world.socket.shut();
  world.online = true;
  connection.wake();
  assert.deepEqual(links, ["offline", "connecting"]);
});

test("a socket that the browser does not allow counts as a refusal", async () => {
  const { connection, world } = connected({ isOpen: false });
  const { WebSocket } = world;
  const broken = class {
    constructor() {
      throw new DOMException("mixed content", "SecurityError");
    }
  };
  Object.assign(world, { WebSocket: broken as unknown as World["WebSocket"] });
  connection.open();
  world.pass(250);
  await settle();
  assert.equal(connection.link, "unreachable");
  Object.assign(world, { WebSocket });
  world.pass(500);
  world.socket.welcome();
  assert.equal(connection.link, "open");
});

test("a client that opens the connection when it is lost gets one socket", () => {
  const { connection, world, client, links } = connected();
  client.onLost = () => connection.open();
  world.socket.shut(4000);
  assert.equal(world.sockets.length, 2);
  assert.deepEqual(links, ["connecting"]);
  assert.equal(world.timers, 1);
});
