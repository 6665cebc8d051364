"""One line per figure, beside what must hold."""


def line(
    name: str, figure: float, unit: str, *, least: float | None = None, most: float | None = None
) -> bool:
    """Print a figure with its target and whether it holds."""
    holds = (least is None or figure >= least) and (most is None or figure <= most)
    target = "" if least is most is None else f"≥ {least:g}" if least is not None else f"≤ {most:g}"
    print(
        f"{name:<44} {figure:>9.2f} {unit:<8} {target:<10} {'' if not target else 'holds' if holds else 'MISSED'}"
    )
    return holds


def heading(text: str) -> None:
    print(f"\n— {text} —", flush=True)
