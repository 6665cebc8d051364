"""A running balance: whether each movement leads from the balance before it to the one after it."""

from dataclasses import dataclass

from app.clients.bill_lines import BadBill, Totals


@dataclass
class Run:
    """Takes the movements in the order of the file, which is the order of the account or its reverse."""

    count: int = 0
    in_count: int = 0
    came: int = 0
    went: int = 0
    _first: tuple[int, int] = (0, 0)
    _last: tuple[int, int] = (0, 0)
    _goes_down: bool = True
    _goes_up: bool = True

    def add(self, fen: int, balance: int, line: int) -> None:
        """Raises BadBill at the line where neither order holds any more."""
        if self.count:
            self._goes_down &= self._last[1] + fen == balance
            self._goes_up &= balance + self._last[0] == self._last[1]
            if not (self._goes_down or self._goes_up):
                raise BadBill("balance", line)
        else:
            self._first = (fen, balance)
        self._last = (fen, balance)
        self.count += 1
        if fen >= 0:
            self.in_count += 1
            self.came += fen
        else:
            self.went += fen

    def totals(self) -> Totals:
        """Without movements there is no balance to tell."""
        if not self.count:
            return Totals()
        oldest, newest = (self._first, self._last) if self._goes_down else (self._last, self._first)
        return Totals(self.count, self.came, self.went, 0, oldest[1] - oldest[0], newest[1])
