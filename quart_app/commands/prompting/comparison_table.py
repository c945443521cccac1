"""What a comparison says in the terminal: the measures of both, and which is better."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quart_app.commands.console import show_line

if TYPE_CHECKING:
    from rich.table import Table

    from quart_app.evaluation.comparing.comparison_report import Prices
    from quart_app.evaluation.comparing.comparison_run import Compared
    from quart_app.evaluation.comparing.judge_model import Judged
    from quart_app.evaluation.comparing.verdict import Difference, Verdict


def show_comparison(
    compared: Compared,
    verdict: Verdict,
    worse: list[str],
    prices: Prices,
    judged: Judged | None,
) -> None:
    """Print the table, what a judge said, the count of wins, and what failed."""
    from rich.console import Console

    for name, variant, model in zip("AB", compared.variants, compared.models, strict=True):
        show_line(f"{name}  {variant.label}, version {variant.prompt.version}, model {model}")
    if not verdict.is_none:
        Console().print(_table(verdict, worse, prices))
    answers = [answered for asked in compared.answers for answered in asked]
    if any(answered.estimated for answered in answers):
        show_line("Tokens are an estimate, four characters each.", dim=True)
    if judged is not None:
        _show_judgement(judged)
    counts = f"B wins {verdict.wins}, loses {verdict.losses}, ties {verdict.ties}"
    show_line(f"{counts}; {compared.reused} answers of earlier runs", bold=True)
    if verdict.failed:
        show_line(_left_out(compared, verdict), fg="yellow", err=True)
    if verdict.is_none:
        none = "No verdict: there is no question that both have answered"
        show_line(none, fg="red", err=True)
    if worse:
        show_line(f"B is worse in {', '.join(worse)}", fg="red", err=True)


def _left_out(compared: Compared, verdict: Verdict) -> str:
    from quart_app.evaluation.comparing.comparison_report import failures

    of_a, of_b = failures(compared)
    return (
        f"{verdict.failed} of {len(compared.rows)} questions left out, because an answer failed "
        f"({len(of_a)} of A, {len(of_b)} of B), the first: {(of_a + of_b)[0]}; the same command "
        "asks these again"
    )


def _table(verdict: Verdict, worse: list[str], prices: Prices) -> Table:
    from rich.table import Table

    from quart_app.trace.table import add_row

    table = Table("", box=None, header_style="dim")
    for name in ("A", "B", "B − A", "95 % interval", "questions"):
        table.add_column(name, justify="right")
    for name, found in {"score": verdict.score, **verdict.measures}.items():
        add_row(table, name, *_cells(found), style="red" if name in worse else "")
    for name, (of_a, of_b) in verdict.figures.items():
        add_row(table, f"median {name}", f"{of_a:g}", f"{of_b:g}", f"{of_b - of_a:+g}", "", "")
    if any(price is not None for price in prices):
        add_row(table, "price of 1,000 answers", *map(_price, prices), "", "", "")
    return table


def _cells(found: Difference) -> tuple[str, ...]:
    interval = f"{found.low:+.3f} … {found.high:+.3f}"
    return f"{found.a:.3f}", f"{found.b:.3f}", f"{found.mean:+.3f}", interval, str(found.questions)


def _price(price: float | None) -> str:
    return "" if price is None else f"{price:g}"


def _show_judgement(judged: Judged) -> None:
    wins, losses, ties = judged.wins
    failed = f", {judged.failed} without a judgement" if judged.failed else ""
    show_line(
        f"The judge {judged.model}: B wins {wins}, loses {losses}, ties {ties}{failed}; it agrees "
        f"with the scores on {judged.agreement:.0%} of the questions"
    )
