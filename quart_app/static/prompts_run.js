// One question to one version of a prompt, over a socket of its own.

import { root, token } from "./prompts_server.js";

const LOST = "The connection was lost before the answer was whole.";
const TOO_LONG = 1009;

/**
 * Asks, and resolves with what came: `text`, `sources`, `sentences`, and `end`, the data of the
 * message that ends an answer, or `error` with a `message`. Without `text` in `prompt`, its file
 * answers. `show` gets the same object whenever there is more of it.
 */
export const run = (prompt, question, { signal, show = () => {} }) =>
  new Promise((resolve) => {
    const address = new URL(`${root}/ws/prompts`, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const answer = { text: "", sources: [], sentences: [], end: null, error: null };
    const socket = new WebSocket(address, "chat-v1");
    const send = (type, data) => socket.send(JSON.stringify({ type, data }));

    const finish = (error = null) => {
      signal.removeEventListener("abort", stop);
      answer.error = error;
      socket.close();
      show(answer);
      resolve(answer);
    };
    const stop = () => finish({ code: "STOPPED", message: "Stopped." });
    const take = {
      welcome: () => send("question", question),
      response_start: ({ sources }) => {
        answer.sources = sources;
      },
      response_chunk: ({ content, sentences = [] }) => {
        answer.text += content;
        answer.sentences.push(...sentences);
      },
      response_end: (data) => {
        answer.end = data;
        finish();
      },
      error: (data) => finish(data),
    };

    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop);
    socket.addEventListener("open", () => send("open", { token: token.get(), ...prompt }));
    socket.addEventListener("message", ({ data }) => {
      if (answer.error || answer.end) return;
      const message = JSON.parse(data);
      take[message.type]?.(message.data);
      show(answer);
    });
    socket.addEventListener("close", ({ code, reason }) => {
      const message = code === TOO_LONG ? reason : LOST;
      if (!answer.error && !answer.end) finish({ code: "LOST", message });
    });
  });
