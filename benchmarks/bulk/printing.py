"""Tables of what contenders took, and how many times what one of them did."""

from __future__ import annotations

from common.printing import table

from bulk.measure import Run

HEAD = "contender | CPU s | ÷ | wall s | ÷ | peak MB | ÷"


def comparison(title: str, runs: dict[str, Run], base: str, note: str = "") -> None:
    """Print the medians of contenders, and how many times less than the base each one takes."""
    print(f"\n### {title}\n")
    print(f"{note}\n÷: how many times less than {base}.\n".lstrip())
    table(HEAD, [row(name, run, runs[base]) for name, run in runs.items()])


def row(name: str, run: Run, base: Run) -> list[str]:
    """Return the cells of one contender."""
    if run.failure:
        reached = f"{run.failure}, after {run.cpu:,.1f} CPU s and {run.memory:,.0f} MB"
        return [name, f"**{reached}**", *[""] * 5]
    cells = [name]
    for what, form in (("cpu", ",.2f"), ("wall", ",.2f"), ("memory", ",.0f")):
        took = getattr(run, what)
        cells += [format(took, form), ratio(took, getattr(base, what), base.failure)]
    return cells


def ratio(took: float, base: float, failure: str = "") -> str:
    """Return how many times less than the base a number is, or nothing where there is no base."""
    return "" if failure or not took else f"{base / took:.2f}"
