"""What may never happen on a page: errors in the console, failed requests, overflow, faults for axe."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Frame, Page, Request, Response

AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text("utf-8")
RUN_AXE = """async () => {
  const found = await axe.run(document, { iframes: false, resultTypes: ["violations"] });
  const told = (node) => node.target.join(" ") + " :: " + node.any.map((one) => one.message).join("; ");
  return found.violations.filter((each) => ["serious", "critical"].includes(each.impact))
    .map((each) => ({ id: each.id, help: each.help, nodes: each.nodes.slice(0, 4).map(told) }));
}"""
OVERFLOW = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const sticksOut = (each) => each.getBoundingClientRect().right > root.clientWidth + 1;
  const names = [...document.querySelectorAll("body *")].filter(sticksOut)
    .map((each) => each.tagName.toLowerCase() + "." + (each.getAttribute("class") || ""));
  return [`${root.scrollWidth} > ${root.clientWidth}`, ...names.slice(0, 6)];
}"""
QUIET_ENDS = ("net::ERR_ABORTED",)  # a page was left while something still loaded


@dataclass
class Watch:
    """Everything that went wrong in the browsers of one test. `allow(403)` takes an answer that is meant."""

    troubles: list[str] = field(default_factory=list)
    allowed: set[int] = field(default_factory=set)
    pages: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda error: self.troubles.append(f"script: {error.error}"))
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)

    def allow(self, *statuses: int) -> None:
        self.allowed.update(statuses)

    def _console(self, line: ConsoleMessage) -> None:
        if line.type != "error":
            return
        if any(f"status of {status}" in line.text for status in self.allowed):
            return
        self.troubles.append(f"console: {line.text} ({line.location.get('url')})")

    def _failed(self, request: Request) -> None:
        if request.failure not in QUIET_ENDS:
            self.troubles.append(f"failed: {request.method} {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 500 or (response.status >= 400 and response.status not in self.allowed):
            self.troubles.append(f"{response.status}: {response.request.method} {response.url}")

    def check(self) -> None:
        assert self.troubles == []


def faults(frame: Page | Frame) -> list[dict[str, Any]]:
    """The serious and critical faults that axe finds on a page or in a frame."""
    if not frame.evaluate("() => 'axe' in window"):
        frame.evaluate(AXE)
    return list(frame.evaluate(RUN_AXE))


def overflow(frame: Page | Frame) -> list[str]:
    """What sticks out at the right, if anything does."""
    return list(frame.evaluate(OVERFLOW))
