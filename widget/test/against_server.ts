// A reader of a real server. It asks one question after the other, reloads its page at random, and
// prints what the reader saw, one answer a line. Timers run ten times as fast.

import { Conversation, type Listener } from "../src/conversation.ts";
import type { Note } from "../src/note.ts";
import { browser } from "../src/world.ts";
import { FakeStorage } from "./fakes.ts";

const FASTER = 10;
const [server = "", question = "", count = "1", reloading = "0"] = process.argv.slice(2);
const world = {
  ...browser,
  WebSocket,
  later: (ms: number, run: () => void) => setTimeout(run, ms / FASTER),
  isOnline: () => true,
};

for (let number = 0; number < Number(count); number++) {
  const { note, ...seen } = await answered();
  const { state, failure, ending } = note;
  console.log(
    JSON.stringify({ ...seen, state, failure, status: ending?.status, sha256: ending?.sha256 }),
  );
}
// A socket whose server is silent would keep the process running.
process.stdout.write("", () => process.exit());

function answered(): Promise<{ note: Note; text: string; reloads: number; restarts: number }> {
  let storage = new FakeStorage();
  let conversation: Conversation;
  let text = "";
  let reloads = 0;
  let restarts = 0;
  return new Promise((resolve) => {
    const open = (): void => {
      const isHere = () => page === conversation;
      const listener: Listener = {
        added: () => {},
        grew: (_, piece) => {
          if (!isHere()) return;
          text += piece;
          if (Math.random() < Number(reloading)) setTimeout(() => isHere() && reload());
        },
        restarted: () => {
          text = "";
          restarts++;
        },
        changed: (note) => {
          if (!isHere() || (note.state !== "ended" && note.state !== "failed")) return;
          conversation.suspend();
          resolve({ note, text, reloads, restarts });
        },
        removed: () => {},
        linked: () => {},
        welcomed: () => {},
        suggested: () => {},
      };
      const page = new Conversation({ server: new URL(server), listener, storage, world });
      conversation = page;
    };
    const reload = (): void => {
      reloads++;
      const wasTold = Math.random() < 0.5; // else the page dies without a word
      if (wasTold) conversation.suspend();
      storage = storage.copy();
      conversation.suspend();
      open();
      text = conversation.notes[0]?.text ?? "";
      conversation.resume();
    };
    open();
    conversation.ask(question, [], "");
  });
}
