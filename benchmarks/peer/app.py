"""The peer: a tutor on FastAPI and uvicorn as LangChain's tutorials build one.

    OPENAI_BASE_URL=… OPENAI_API_KEY=… python -m benchmarks.peer.app PORT

What it retrieves stands here, so its retriever costs nothing. It checks nothing, keeps nothing and
bounds nothing: what it needs for a chunk is what these libraries need.
"""

from __future__ import annotations

import sys

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnablePassthrough
from langchain_openai import ChatOpenAI

CONTEXT = "\n\n".join(
    f"[{number}] " + "The zero moment point is a point on the ground. A gait repeats. " * 12
    for number in range(1, 7)
)
"""Six passages of the length of ours."""


async def retrieve(_: object) -> str:
    """The passages for a question, whatever it is."""
    return CONTEXT


prompt = ChatPromptTemplate.from_messages(
    [
        ("system", "You are a tutor. Answer the question by this context only.\n\n{context}"),
        ("human", "{question}"),
    ]
)
chain = (
    RunnablePassthrough.assign(context=retrieve)
    | prompt
    | ChatOpenAI(model="paced", temperature=0)
    | StrOutputParser()
)
app = FastAPI()


@app.websocket("/ws/chat")
async def chat(websocket: WebSocket) -> None:
    """Answer one question after the other, a frame for each chunk."""
    await websocket.accept()
    await websocket.send_json({"type": "welcome"})
    try:
        while True:
            message = await websocket.receive_json()
            async for chunk in chain.astream({"question": message["data"]["question"]}):
                await websocket.send_json({"type": "response_chunk", "data": {"content": chunk}})
            await websocket.send_json({"type": "response_end"})
    except WebSocketDisconnect:
        return


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
