"""How long a browser takes from the arrival of a piece of an answer until it is painted."""

from __future__ import annotations

import os
import re
from itertools import cycle, islice

from benchmarks.figures.rows import Goal, Row
from benchmarks.parts.bench import OURS, PEER, Bench, say
from benchmarks.peer import processes
from benchmarks.peer.processes import Process, cores
from benchmarks.peer.streams import percentile
from tests.browser.browsing import browser_page
from tests.support.scripted_openai import ScriptedOpenAI, Step

SECONDS, QUICK_SECONDS, A_SECOND = 15, 3, 50
THROTTLE = 4
"""How many times slower than this machine the reader's is."""
QUESTION = "What is the zero moment point?"
ANSWER = """The **zero moment point** is the point on the ground about which the moments of gravity
and of the inertial forces of the moving body have no horizontal component [1]. It has to stay
within the *support polygon*, says `the book`, or else the robot tips over an edge of its foot.

- While the robot *walks*, it is planned first [1];
- and the body moves so that it stays there: `zmp(forces)`.

```python
def zmp(forces):
    total = sum(force.z for force in forces)
    return sum(force.x * force.z for force in forces) / total
```

| gait | feet on the ground | where the point is |
|:-----|-------------------:|--------------------|
| walk | one or two         | below a foot [1]   |
| run  | one or none        | nowhere for a time |

"""

WATCH = """() => {
    window.paints = [];
    window.WebSocket = class extends WebSocket {
        constructor(...args) {
            super(...args);
            this.addEventListener("message", ({ data, timeStamp }) => {
                const { type } = JSON.parse(data);
                if (type === "response_end") window.hasEnded = true;
                if (type !== "response_chunk") return;
                requestAnimationFrame(() => {
                    const { port1, port2 } = new MessageChannel();  // runs once that is painted
                    port1.onmessage = () => paints.push(performance.now() - timeStamp);
                    port2.postMessage(null);
                });
            });
        }
    };
}"""
BARE = """
const text = document.body.appendChild(document.createElement("p")).appendChild(new Text());
text.parentElement.style =
    "position: fixed; inset: 1em 1em 1em auto; width: 25em; overflow: auto; background: #fff";
const socket = new WebSocket(`ws://${location.host}/ws/chat`, "chat-v1");
socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === "response_chunk") text.appendData(message.data.content);
    if (message.type !== "welcome") return;
    const { session_id, session_token } = message.data;
    const asked = { question: "QUESTION", client_query_id: "1", session_id, session_token };
    socket.send(JSON.stringify({ type: "question", data: asked }));
};
""".replace("QUESTION", QUESTION)
"""The script of a page that shows the answer as text, and nothing else."""


async def measure_painting(bench: Bench) -> list[Row]:
    """The same answer, with Markdown, in the tutor and on a bare page, on a slow machine."""
    seconds = QUICK_SECONDS if bench.is_quick else SECONDS
    words = islice(cycle(re.findall(r"\S+\s*", ANSWER)), seconds * A_SECOND)
    script: list[Step] = [step for word in words for step in (word, 1 / A_SECOND)]
    say(f"an answer of {seconds} seconds in a browser")
    here = os.sched_getaffinity(0)
    async with ScriptedOpenAI(script) as endpoint:
        model = Process(endpoint.base_url.removesuffix("v1"), os.getpid(), 0)
        with processes.ours(bench.data, model) as server:
            os.sched_setaffinity(0, set.union(*cores()))  # of the browser, which needs both

            async def one(widget: str) -> float:
                return percentile(await _paints(server.url, widget), 0.95)

            try:
                found = await bench.interleaved({OURS: "", PEER: BARE}, one)
            finally:
                os.sched_setaffinity(0, here)
    name = f"piece of an answer to its paint, p95, {THROTTLE} × throttle, beside a page of text"
    return [bench.row(name, "ms", found[OURS], found[PEER], Goal("≤", 30))]


async def _paints(url: str, widget: str) -> list[float]:
    """Milliseconds of each piece. `widget`, if any, is what the page loads for the server's."""
    async with browser_page() as page:
        if widget:
            await page.route("**/widget.js", lambda route: route.fulfill(body=widget))
        await page.add_init_script(f"({WATCH})()")
        session = await page.context.new_cdp_session(page)
        await page.goto(url, wait_until="networkidle")
        await session.send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})
        if not widget:
            await page.locator("scholiast-tutor").get_by_label("Your question").click()
            await page.keyboard.type(QUESTION)
            await page.keyboard.press("Enter")
        # Playwright's own waiting would run in the page all the time, and be measured too.
        while not await page.evaluate("window.hasEnded"):
            await page.wait_for_timeout(500)
        paints: list[float] = await page.evaluate("paints")
        return paints
