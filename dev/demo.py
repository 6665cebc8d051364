"""`make demo`: from an empty folder to `Ready:` on this machine, then kept running until Ctrl-C."""

import errno
import json
import os
import shutil
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from dev import messages, migration, places, postgres, processes, redis, static
from dev.problem import Problem
from dev.progress import Progress
from dev.seed import marker
from dev.seed.login import DEMO_LOGIN
from dev.settings import Options, environment_of, remember_urls
from dev.supervisor import Service, StopAsked, Supervisor

DATA_FORMAT = "1"
LEAST_FREE_BYTES = 1_000_000_000
DATABASE = "weilife"
ROOT = Path(__file__).resolve().parent.parent
PYTHON = [sys.executable, "-m"]
FLASK = [*PYTHON, "flask", "--app", "wsgi"]

TRY_THIS = """\
试一试 Try this:
  1. 打开手机页，选李一鸣，点菜单“服务”“报修”，说灯不亮，拍照提交（或扫一扫 512 的门牌码 {door}）。
     On the phone be Li Yiming: menu 服务, 报修, report a broken lamp with a photo (or scan the door of room 512).
  2. 打开 {app}/desk ，用 {login} / {password} 登录（调度员赵敏华），把它派给王建国。
     On the console sign in as the dispatcher and send Wang Jianguo.
  3. 手机页换成王建国：接单、到场、完工。  On the phone be Wang: take the job, arrive, finish.
  4. 换回李一鸣：确认修好、评价；每条微信消息都在手机里。  Be Li again: confirm and rate.
  5. 李一鸣点菜单“服务”“电费”，充 50 元，用微信支付（任意六位数字）：到账消息会发到手机里。
     Menu 服务, 电费: top up 50 by WeChat Pay (any six digits); the chat tells when it is in the meter.
  6. 财务：用 T0005 钱慧登录，“对账”里前天有三笔差错：提出处理；再用 T0002 复核通过，关账。
     As T0005 of finance open 对账: propose an end for the three differences; T0002 approves and closes the day.
  7. 新生：手机页选周小满，首页“迎新”认领：考生号 26440100000001，证件后六位 010021，通知书编号 TZ20260001；看宿舍、
     约车、结伴。控制台用 T0001 看“现场报到”和“报到率”。  As the freshman Zhou claim with these, then see the dorm;
     as T0001 open 现场报到 (check-in) and 报到率 (the wall).
     其他登录 Other sign-ins: T0006 何志远 班长 head; T0002 郑国栋 管理员 administrator; 密码相同 same.
Data: {data}   Logs: {data}/logs   Stop: Ctrl-C
"""


def main() -> int:
    progress = Progress()
    try:
        options = Options.read(os.environ)
        os.chdir(ROOT)
        with ExitStack() as stack:
            run(options, progress, stack)
    except (StopAsked, KeyboardInterrupt):
        progress.say("Stopped.")
        return 0
    except Problem as problem:
        progress.say(f"✗ {problem}")
        return 1
    return 0


def run(options: Options, progress: Progress, stack: ExitStack) -> None:
    warn_when_public(options, progress)
    lock = open_data_dir(options.data_dir)
    stack.callback(lock.close)
    check_ports(options, patience=10 if lock.was_abandoned else 0)
    with Supervisor(options.data_dir / "logs", progress.say) as supervisor:
        bring_up(options, progress, supervisor, stack)
        progress.say(f"\nReady: {options.app_url}\nPhone: {options.sandbox_url}/phone\n")
        progress.say(try_this(options))
        supervisor.run()


def bring_up(options: Options, progress: Progress, supervisor: Supervisor, stack: ExitStack) -> None:
    """The stack outlives the supervisor: what it closes is stopped by then."""
    with progress.step("PostgreSQL and Redis"):
        urls = start_servers(options.data_dir, supervisor, stack)
    remember_urls(options.data_dir, urls)
    environment = environment_of(options, urls)
    for title, task in preparations(options, environment):
        with progress.step(title):
            supervisor.finish(task, on_line=progress.detail)
    with progress.step("Application and sandbox"):
        start_together(supervisor, services(options, environment))


def preparations(options: Options, environment: dict[str, str]) -> Iterator[tuple[str, Service]]:
    """What has to be done before the start, and has not been; each asked when its turn comes."""
    url, quiet = environment["DATABASE_URL"], environment | {"LOG_LEVEL": "WARNING"}
    messages.compile_changed()
    if static.is_stale():
        yield "Static files", Service("static", [*PYTHON, "dev.static"], environment)
    if marker.revision(url) != migration.head():
        yield "Tables", Service("migrate", [*FLASK, "db", "upgrade"], quiet)
        if marker.state(url) == marker.State.DONE:
            yield "Approvals", Service("approvals", [*FLASK, "approvals", "publish-shipped"], quiet)
    if marker.state(url) != marker.State.DONE:
        doors = doors_file(options).resolve()
        words = ["dev.seed", "--doors", str(doors), "--sandbox", str(doors.parent)]
        yield "Sample campus", Service("seed", [*PYTHON, *words], quiet)


def start_together(supervisor: Supervisor, all_services: list[Service]) -> None:
    """Side by side, for each spends seconds on importing."""
    for service in all_services:
        supervisor.spawn(service)
    for service in all_services:
        supervisor.wait_for(service)


def doors_file(options: Options) -> Path:
    """Where the sandbox looks for labels that its phone can scan."""
    return options.data_dir / "sandbox" / "doors.json"


def try_this(options: Options) -> str:
    try:
        door = json.loads(doors_file(options).read_text("utf-8"))[0]["code"]
    except (FileNotFoundError, ValueError, IndexError):
        door = ""
    login, password = DEMO_LOGIN
    return TRY_THIS.format(
        app=options.app_url, data=options.data_dir, door=door, login=login, password=password
    )


def start_servers(data_dir: Path, supervisor: Supervisor, stack: ExitStack) -> dict[str, str]:
    """Ours run under the supervisor too; those of DATABASE_URL and REDIS_URL are taken as they are."""
    urls = {}
    if not os.environ.get("DATABASE_URL"):
        database = postgres.Postgres(data_dir, durable=True)
        stack.callback(database.close)
        supervisor.start(database.service())
        database.ensure_roles()
        database.ensure_database(DATABASE)
        urls["DATABASE_URL"] = database.url(DATABASE, postgres.APP)
        urls["MIGRATION_DATABASE_URL"] = database.url(DATABASE, postgres.OWNER)
    if not os.environ.get("REDIS_URL"):
        cache = redis.Redis(data_dir, durable=True)
        stack.callback(cache.close)
        supervisor.start(cache.service())
        urls["REDIS_URL"] = cache.url
    return urls


def services(options: Options, environment: dict[str, str]) -> list[Service]:
    port = str(options.port)
    web = [*PYTHON, "granian", "--interface", "wsgi", "--host", options.host, "--port", port, "--no-ws"]
    web += [
        "--workers",
        "2",
        "--blocking-threads",
        "8",
        "--respawn-failed-workers",
        "--workers-kill-timeout",
        "8",
    ]
    sandbox = [*PYTHON, "sandbox", "--host", options.host, "--port", str(options.port + 1)]
    sandbox += ["--data-dir", str(options.data_dir.resolve() / "sandbox"), "--app-url", options.app_url]
    menu = options.data_dir.resolve() / "menu-is-pushed"
    menu.unlink(missing_ok=True)
    background = [*PYTHON, "dev.background", str(menu)]
    return [
        Service("sandbox", sandbox, environment, answers(f"{options.sandbox_url}/healthz")),
        Service("web", [*web, "wsgi:application"], environment, answers(f"{options.app_url}/readyz")),
        Service("background", background, environment, menu.exists),
    ]


def answers(url: str) -> Callable[[], bool]:
    """Is there a 200 at this address? Proxies of the environment are not asked."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask() -> bool:
        try:
            with opener.open(url, timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    return ask


def open_data_dir(data_dir: Path) -> places.Lock:
    try:
        data_dir.mkdir(mode=0o755, parents=True, exist_ok=True)
        lock = places.Lock(data_dir, "demo")
    except (PermissionError, NotADirectoryError, FileExistsError):
        raise Problem(f"{data_dir} cannot be written: choose a folder of your own with DATA_DIR=…") from None
    free = shutil.disk_usage(data_dir).free
    if free < LEAST_FREE_BYTES:
        raise Problem(
            f"{data_dir} has {free / 1e9:.1f} GB free and the demo needs 1 GB: free some or choose DATA_DIR=…"
        )
    marker = data_dir / "format"
    if not marker.exists():
        marker.write_text(f"{DATA_FORMAT}\n")
    if (found := marker.read_text().strip()) != DATA_FORMAT:
        raise Problem(
            f"{data_dir} holds data of another version (format {found}, this one writes {DATA_FORMAT}): "
            f"`make reset DATA_DIR={data_dir}`, or choose another DATA_DIR=…"
        )
    return lock


def check_ports(options: Options, *, patience: float) -> None:
    """Patience is for what a killed demo may still hold for some seconds."""
    for port in (options.port, options.port + 1):
        if not processes.wait_until(
            lambda port=port: is_free(options.host, port), seconds=patience, every=0.2
        ):
            free = next((p for p in range(options.port + 10, 65000, 10) if both_free(options.host, p)), 9000)
            raise Problem(
                f"Port {port} is taken (the application uses PORT, the sandbox PORT+1): "
                f"stop what listens there, or `make demo PORT={free}`."
            )


def both_free(host: str, port: int) -> bool:
    return is_free(host, port) and is_free(host, port + 1)


def is_free(host: str, port: int) -> bool:
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror:
        raise Problem(f"HOST={host} is not an address of this machine: try HOST=127.0.0.1.") from None
    except PermissionError:
        raise Problem(f"Port {port} needs root: choose one above 1024, `make demo PORT=8000`.") from None
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            raise Problem(f"HOST={host} is not an address of this machine: try HOST=127.0.0.1.") from None
        return False
    return True


def warn_when_public(options: Options, progress: Progress) -> None:
    if not options.is_private:
        progress.say(
            f"! HOST={options.host}: whoever reaches this address can act as any sample person. "
            "Use it in a network you trust, never with real data."
        )


if __name__ == "__main__":
    sys.exit(main())
