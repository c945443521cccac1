"""One run of the chain as LangChain's callbacks see it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from langchain_core.callbacks import AsyncCallbackManagerForChainRun, adispatch_custom_event
from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import (
    ensure_config,
    get_async_callback_manager_for_config,
    patch_config,
)


@asynccontextmanager
async def traced(
    name: str, inputs: dict[str, object], config: RunnableConfig | None
) -> AsyncIterator[tuple[RunnableConfig, AsyncCallbackManagerForChainRun]]:
    """Report the start of a run to the callbacks in `config`, and its failure if it fails.

    Yields the config for the run's children and the run itself. The caller reports the end, by
    awaiting its `on_chain_end`. This costs nothing for each chunk of a stream, unlike LangChain's
    `_atransform_stream_with_config`.
    """
    config = ensure_config(config)
    manager = get_async_callback_manager_for_config(config)
    run = await manager.on_chain_start(
        None, inputs, name=config.get("run_name") or name, run_id=config.pop("run_id", None)
    )
    try:
        yield patch_config(config, callbacks=run.get_child()), run
    except BaseException as error:
        await run.on_chain_error(error)
        raise


async def send_event(name: str, facts: Callable[[], object], config: RunnableConfig) -> None:
    """Send a custom event of a run, with its `facts`, to the callbacks in `config`.

    Without callbacks, `facts` is not called: what is expensive to gather belongs into it.
    """
    if getattr(config.get("callbacks"), "handlers", None):
        await adispatch_custom_event(name, facts(), config=config)
