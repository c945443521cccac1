"""CI for outsiders and the pre-commit hooks: call only what exists."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def parsed(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def jobs() -> dict[str, Any]:
    found: dict[str, Any] = parsed(".github/workflows/ci.yml")["jobs"]
    return found


def commands() -> str:
    """What the jobs of CI run, one command a line."""
    return "\n".join(
        step["run"] for job in jobs().values() for step in job["steps"] if "run" in step
    )


def hooks() -> list[dict[str, Any]]:
    [repository] = parsed(".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    found: list[dict[str, Any]] = repository["hooks"]
    return found


def test_ci_calls_targets_of_make_that_exist() -> None:
    called = re.findall(r"(?m)^make ([a-z-]+)$", commands())
    targets = set(re.findall(r"(?m)^([a-z-]+):", MAKEFILE))
    assert {"check", "test"} <= set(called) <= targets


def test_ci_names_files_and_modules_that_exist() -> None:
    files = re.findall(r"requirements\.lock|examples/\w+", commands())
    modules = [
        name.replace(".", "/") + ".py" for name in re.findall(r"-m (widget\.\w+)", commands())
    ]
    assert files
    assert modules
    assert [name for name in [*files, *modules] if not (ROOT / name).exists()] == []


def test_ci_runs_on_every_python_that_the_project_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [line.rpartition(" ")[2] for line in project["classifiers"] if "Python :: 3." in line]
    assert jobs()["linux"]["strategy"]["matrix"]["python"] == named


def test_ci_installs_the_system_packages_that_the_ci_script_does() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    needed = set(re.findall(r"(?m)(?:^|\|\| )need ([a-z0-9-]+)", script)) - {"python3-venv"}
    [line] = re.findall(r"apt-get install (.*)", commands())
    assert {word for word in line.split() if not word.startswith("-")} == needed


def test_the_slow_tests_run_each_week_where_the_others_do() -> None:
    slow = parsed(".github/workflows/slow.yml")
    assert "schedule" in slow[True]  # what YAML makes of the word
    [job] = slow["jobs"].values()
    install, *steps = [step["run"] for step in job["steps"] if "run" in step]
    assert install in commands()
    assert steps == ["make setup", "make test-long"]
    assert re.search(r"(?m)^test-long:", MAKEFILE)


def test_hooks_run_tools_that_make_check_runs_and_setup_installs() -> None:
    check = MAKEFILE.partition("\ncheck:")[2].partition("\n\n")[0]
    assert len(hooks()) == 4
    for hook in hooks():
        tool, *rest = hook["entry"].split()
        assert hook["language"] == "system"
        assert tool.startswith(".venv/bin/")
        name = tool.removeprefix(".venv/bin/")
        assert " ".join([f"$(BIN)/{name}", *rest[:1]]) in check
        scripts = Path(sys.executable).parent
        assert (scripts / name).exists() or (scripts / f"{name}.exe").exists()


def test_packages_are_audited_each_week_and_code_on_each_change() -> None:
    workflow = parsed(".github/workflows/security.yml")
    on = workflow[True]  # what YAML makes of the word
    assert {"push", "pull_request", "schedule"} <= set(on)
    code, audit = workflow["jobs"]["codeql"], workflow["jobs"]["audit"]
    assert {"python", "javascript-typescript"} <= set(code["strategy"]["matrix"]["language"])
    runs = "\n".join(step["run"] for step in audit["steps"] if "run" in step)
    [lock] = re.findall(r"--requirement (\S+)", runs)
    assert (ROOT / lock).exists()
    folders = [step["working-directory"] for step in audit["steps"] if "npm" in step.get("run", "")]
    assert [folder for folder in folders if (ROOT / folder / "package-lock.json").exists()]


def test_the_rules_of_bandit_hold_for_all_that_is_in_the_wheel() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]
    assert "S" in lint["lint"]["select"]
    assert not [rule for rule in lint["lint"]["ignore"] if rule.startswith("S1")]
    waived = [name for name, rules in lint["lint"]["per-file-ignores"].items() if "S" in rules]
    assert sorted(waived) == ["benchmarks/**", "tests/**", "widget/**"]
