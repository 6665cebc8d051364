"""`python -m sandbox`: run the outside world until SIGTERM or Ctrl-C."""

import argparse
import logging
import signal
import sys
import threading
from pathlib import Path

from sandbox.app import create_app
from sandbox.config import from_env
from sandbox.server import Server


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox", description="WeChat, single sign-on and a phone on one machine."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--data-dir", type=Path, default=Path(".demo/sandbox"))
    parser.add_argument("--app-url", default="http://127.0.0.1:8000")
    return parser.parse_args()


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    given = arguments()
    config = from_env(host=given.host, port=given.port, data_dir=given.data_dir, app_url=given.app_url)
    if len(config.aes_key) != 43:
        sys.stderr.write("WECHAT_AES_KEY 必须是 43 个字符。\n")
        return 2
    try:
        server = Server(create_app(config), config.host, config.port)
    except OSError as error:
        sys.stderr.write(f"无法监听 {config.host}:{config.port}：{error.strerror}。换一个端口再试。\n")
        return 2
    server.start()
    logging.getLogger("sandbox").info("sandbox at %s, application at %s", config.base, config.app)
    done = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: done.set())
    done.wait()
    server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
