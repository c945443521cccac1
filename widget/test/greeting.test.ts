// Before the first question: the title of the book, and questions that the page answers well.

import assert from "node:assert/strict";
import { test } from "node:test";
import { asked, PAGE, reload, stage } from "./fakes.ts";

test("questions are asked for with the page, and the socket is closed behind them", () => {
  const { conversation, world, reader } = stage();
  conversation.greet(PAGE);
  world.socket.welcome();
  assert.deepEqual(world.socket.only("get_starters"), { page: PAGE });
  world.socket.say("starters", { questions: ["What is a gait?", "Why?"] });
  assert.deepEqual(reader.reports, ["welcomed", "suggested What is a gait?,Why?"]);
  assert.ok(world.socket.isClosed);
  assert.deepEqual(conversation.link, "idle");
  conversation.greet(PAGE);
  assert.equal(world.sockets.length, 1); // once a page is enough
  conversation.greet(`${PAGE}/next`);
  assert.equal(world.sockets.length, 2);
});

test("a reader is not shown that it connects, nor that it cannot", async () => {
  const { conversation, world, reader } = stage();
  conversation.greet(PAGE);
  world.socket.shut();
  await Promise.resolve();
  assert.ok(
    reader.links.every((link) => link === "idle"),
    `${reader.links}`,
  );
  assert.equal(world.sockets.length, 1); // it does not try again
  assert.equal(world.fetched, 0);
  assert.deepEqual(conversation.link, "idle");
});

test("a question that comes meanwhile goes first, over the same socket", () => {
  const { conversation, world } = stage();
  conversation.greet(PAGE);
  conversation.ask("Why?", [], PAGE);
  world.socket.welcome();
  assert.deepEqual(world.socket.types, ["question"]);
  assert.equal(world.sockets.length, 1);
});

test("who has asked already is not greeted", () => {
  const first = stage();
  asked(first);
  const again = reload(first);
  again.conversation.greet(PAGE);
  assert.equal(again.world.sockets.length, 0);
});

test("the title of the book stays with the conversation", () => {
  const first = stage();
  assert.equal(first.conversation.title, "");
  asked(first);
  assert.equal(first.conversation.title, "A book");
  assert.equal(reload(first).conversation.title, "A book");
});
