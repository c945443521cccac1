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
    """Tell the callbacks in `config` that a run starts, and if it fails, that it failed.

    Yields the config for the run's children and the run itself, whose `on_chain_end` is the
    caller's to await. Costs nothing a chunk, unlike `_atransform_stream_with_config`.
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


async def tell(name: str, facts: Callable[[], object], config: RunnableConfig) -> None:
    """Tell the callbacks in `config` of something within a run; `facts` is called if there are
    any."""
    if getattr(config.get("callbacks"), "handlers", None):
        await adispatch_custom_event(name, facts(), config=config)
