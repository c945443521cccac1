"""The Grafana dashboard: it shows what /metrics of a real server has, and all of it."""

from __future__ import annotations

import json
import re

import httpx2
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from quart_app.serve import serving
from quart_app.settings import WebSettings
from tests.support.commands import ROOT
from tests.support.scripted_openai import DROP, ScriptedOpenAI, Status
from tests.support.talking import ask, client, receive

TOKEN = "a token of sixteen characters"
ZMP = "What is the zero moment point?"
FIGURE = r"\b((?:scholiast|process)_[a-z_]+)"
PARTS = r"_(bucket|sum|count|created|total|info)$"


def asked() -> set[str]:
    """The names in the queries of the dashboard."""
    panels = json.loads((ROOT / "deploy" / "grafana.json").read_text(encoding="utf-8"))["panels"]
    queries = " ".join(target["expr"] for panel in panels for target in panel["targets"])
    return set(re.findall(FIGURE, queries))


async def scraped(url: str) -> str:
    async with httpx2.AsyncClient(trust_env=False) as http:
        return (await http.get(f"{url}metrics", headers={"Authorization": f"Bearer {TOKEN}"})).text


async def test_the_dashboard_asks_for_figures_that_exist_and_for_all_of_ours(
    example: WebSettings,
) -> None:
    settings = example.model_copy(update={"metrics_token": SecretStr(TOKEN)})
    async with serving(settings) as url:
        families = [*text_string_to_metric_families(await scraped(url))]
    there = {re.sub(PARTS, "", family.name) for family in families}
    shown = {re.sub(PARTS, "", name) for name in asked()}
    assert shown <= there
    assert {name for name in there if name.startswith("scholiast")} <= shown


async def test_failures_of_a_model_are_counted_by_their_kind(example: WebSettings) -> None:
    update = {"metrics_token": SecretStr(TOKEN), "model": "scripted", "model_timeout": 5}
    async with ScriptedOpenAI([Status(401)], [Status(404)], [DROP]) as endpoint:
        update["openai_base_url"] = endpoint.base_url
        async with serving(example.model_copy(update=update)) as url, client(url) as socket:
            await receive(socket)
            for _ in range(3):
                assert (await ask(socket, ZMP))[-1]["data"]["code"] == "SERVICE_UNAVAILABLE"
            text = await scraped(url)
    kinds = dict(re.findall(r'scholiast_model_errors_total\{kind="(\w+)"\} ([0-9.]+)', text))
    assert kinds == {"key": "1.0", "status": "1.0", "connection": "1.0"}
