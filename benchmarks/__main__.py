"""`python -m benchmarks [NAME]…`: every benchmark, or those named in PARTS."""

import sys
from collections.abc import Callable

from benchmarks import (
    approval,
    board,
    callback,
    campaign,
    claims,
    intake,
    page,
    pay_credit,
    pay_path,
    ratios,
    reconcile,
    rush,
    todo,
)

PARTS: dict[str, Callable[[], bool]] = {
    "ratios": ratios.main,
    "board": board.main,
    "callback": callback.main,
    "page": page.main,
    "pay": lambda: all([pay_path.main(), pay_credit.main()]),
    "reconcile": reconcile.main,
    "rush": rush.main,
    "import": intake.main,
    "claims": claims.main,
    "approval": approval.main,
    "todo": todo.main,
    "campaign": campaign.main,
}


def main(chosen: list[str]) -> int:
    unknown = set(chosen) - set(PARTS)
    if unknown:
        print(f"There is no benchmark {', '.join(sorted(unknown))}: choose from {', '.join(PARTS)}.")
        return 2
    held = [PARTS[name]() for name in chosen or PARTS]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
