"""`scholiast prompts compare`: two prompts over one set of questions, and which is better."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from quart_app.commands.console import check_place, errors_as_one_line, show_json, write_page
from quart_app.commands.prompting.comparison_table import show_comparison

if TYPE_CHECKING:
    from quart_app.evaluation.comparing.comparison_report import Prices
    from quart_app.evaluation.comparing.comparison_run import Compared, Variant
    from quart_app.evaluation.comparing.judge_model import Judged
    from quart_app.evaluation.comparing.pricing import Table
    from quart_app.evaluation.comparing.verdict import Verdict
    from quart_app.evaluation.rows import Row
    from quart_app.settings import WebSettings

NO_VERDICT = 3
"""The exit code where each question failed on one side at least."""


@click.command("compare")
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option(
    "--set",
    "file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The questions, as `scholiast eval` reads them.",
)
@click.option("--data", type=click.Path(path_type=Path), help="The data folder of the book.")
@click.option("--model", help="The model for both, instead of SCHOLIAST_MODEL.")
@click.option("--model-b", help="Another model for B.")
@click.option(
    "--allow", type=click.FloatRange(0, 1), default=0.0, help="How much worse B may be: 0 to 1."
)
@click.option(
    "--prices",
    "price_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A TOML table of what a million tokens of each model cost.",
)
@click.option("--judge", help="A model that says, too, which answer to each question is better.")
@click.option("--first", type=click.IntRange(min=1), help="Ask only so many questions of the set.")
@click.option("--fresh", is_flag=True, help="Ask again what an earlier run has asked.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write all answers side by side to this HTML file.",
)
def compare_prompts(
    a: str,
    b: str,
    file: Path,
    data: Path | None,
    model: str | None,
    model_b: str | None,
    allow: float,
    price_file: Path | None,
    judge: str | None,
    first: int | None,
    fresh: bool,
    as_json: bool,
    report: Path | None,
) -> None:
    """Ask the same questions of the prompts A and B: each a NAME, a FILE.md or NAME@VERSION.

    The exit code is 1 if B is surely worse by more than --allow, in the score or in one measure,
    and 3 if no question was answered by both. A run that was stopped goes on where it was.
    """
    logging.getLogger("scholiast").setLevel(logging.ERROR)
    with errors_as_one_line("Stopped; the same command goes on from here."):
        from quart_app.evaluation.comparing import comparison_report
        from quart_app.evaluation.comparing.pricing import read_prices
        from quart_app.evaluation.rows import read_rows
        from quart_app.settings import WebSettings

        check_place(report)
        settings = WebSettings.read(data=data, model=model)
        variants = _variants(settings, (a, None), (b, model_b))
        rows, table = read_rows(file)[:first], read_prices(price_file)
        compared, judged = asyncio.run(_run(settings, rows, variants, fresh, judge))
        found = _found(compared, allow, table)
        if report is not None:
            write_page(report, comparison_report.render_comparison(compared, *found))
    if as_json:
        show_json(comparison_report.comparison_json(compared, *found) | _judgement(judged))
    else:
        show_comparison(compared, *found, judged)
    sys.exit(NO_VERDICT if found[0].is_none else 1 if found[1] else 0)


def _variants(
    settings: WebSettings, a: tuple[str, str | None], b: tuple[str, str | None]
) -> tuple[Variant, Variant]:
    """The variants of names and models. Raises SettingError, also for a prompt that answers no
    questions."""
    from chains.errors import SettingError
    from chains.prompts.purposes import ANSWERING, purpose_of
    from quart_app.commands.prompting.choosing_prompts import choose_prompt
    from quart_app.evaluation.comparing.comparison_run import Variant

    (name_a, model_a), (name_b, model_b) = a, b
    found = (
        Variant(name_a, choose_prompt(name_a, settings), model_a),
        Variant(name_b, choose_prompt(name_b, settings), model_b),
    )
    for variant in found:
        if purpose_of(variant.prompt.name) is not ANSWERING:
            raise SettingError(
                f"{variant.label} rewrites follow-ups and answers no questions; compare answer or "
                "a variant of it"
            )
    return found


async def _run(
    settings: WebSettings,
    rows: list[Row],
    variants: tuple[Variant, Variant],
    fresh: bool,
    judge: str | None,
) -> tuple[Compared, Judged | None]:
    from quart_app.commands.prompting.comparison_bar import ComparisonBar
    from quart_app.evaluation.comparing.comparison_run import compare

    with ComparisonBar(2 * len(rows)) as bar:
        compared = await compare(settings, rows, variants, bar, fresh=fresh)
    if judge is None:
        return compared, None
    from quart_app.evaluation.comparing.judge_model import judge_answers

    return compared, await judge_answers(settings, judge, compared)


def _found(compared: Compared, allow: float, table: Table) -> tuple[Verdict, list[str], Prices]:
    """The verdict, in what B is worse, and the prices."""
    from quart_app.evaluation.comparing.pricing import prices_of
    from quart_app.evaluation.comparing.verdict import judge

    verdict = judge(compared.rows, *compared.answers)
    return verdict, verdict.is_worse(allow), prices_of(compared, table)


def _judgement(judged: Judged | None) -> dict[str, object]:
    if judged is None:
        return {}
    wins, losses, ties = judged.wins
    return {
        "judge": {
            "model": judged.model,
            "wins": wins,
            "losses": losses,
            "ties": ties,
            "failed": judged.failed,
            "agreement": judged.agreement,
        }
    }
