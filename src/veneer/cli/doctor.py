"""The subcommand `veneer doctor`: what this installation has, and whether it works."""

from __future__ import annotations

import dataclasses
import sys

import click

import veneer
from veneer.cli.messages import coloured, printable, say_json, write


@click.command(
    epilog="Exit codes: 0 all is well, 1 some part of the self-test failed: reinstall, or report it with this output."
)
@click.option("--json", "as_json", is_flag=True, help="Everything as one line of JSON.")
def doctor(as_json: bool) -> None:
    """Says what this installation has, and tests it.

    Versions, instruction sets and the kernels that use them, threads, models with their hashes, and a self-test: a
    picture is encoded and decoded with every kernel that this machine can run, and must give the same file and the
    same pixels with each.
    """
    found = veneer.diagnose()
    if as_json:
        say_json({**dataclasses.asdict(found), "healthy": found.healthy})
    else:
        write(_text(found), sys.stdout)
    sys.exit(0 if found.healthy else 1)


def _text(found: veneer.Diagnosis) -> str:
    *others, used = found.kernels
    packages = [f"{name} {version}" for name, version in found.packages.items() if version]
    absent = [name for name, version in found.packages.items() if not version]
    features = [name for name, there in found.cpu_features.items() if there]
    rows = [
        ("veneer", f"{found.version}, writes format version {found.format_version}"),
        ("python", f"{found.python} on {found.machine}"),
        ("packages", ", ".join(packages)),
        ("not installed", f"{', '.join(absent) or 'none'} (optional)"),
        ("processor", ", ".join(features) or "nothing special"),
        ("kernels", f"{used} in use" + (f"; {', '.join(others)} there too" if others else "")),
        ("threads", str(found.threads)),
        *(("model", _model(model)) for model in found.models),
    ]
    lines = [printable(f"{title:14}{text}") for title, text in rows]
    for check in found.checks:
        mark = coloured("ok    ", "green", sys.stdout) if check.passed else coloured("FAILED", "red", sys.stdout)
        lines.append(f"{mark}        {printable(f'{check.name:26}{check.detail}')}")
    return "\n".join(lines)


def _model(model: veneer.ModelState) -> str:
    return f"{model.name}, number {model.id}, sha256 {model.sha256[:12]}: {model.problem or model.path}"
