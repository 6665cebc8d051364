"""A threaded HTTP server: one thread per request, so that a waiting phone holds up nobody."""

import logging
import threading
from typing import Any

from flask import Flask
from werkzeug.serving import BaseWSGIServer, ThreadedWSGIServer, WSGIRequestHandler, make_server

log = logging.getLogger("sandbox")


class Quiet(WSGIRequestHandler):
    """No line per request; errors go to the log."""

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        return

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        log.log(logging.ERROR if type == "error" else logging.DEBUG, message, *args)


class Server:
    """Start it in the background, or serve in the foreground until stopped."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        ThreadedWSGIServer.request_queue_size = 512
        self._app = app
        self._http: BaseWSGIServer = make_server(host, port, app, threaded=True, request_handler=Quiet)
        self.port = self._http.server_port
        self._thread: threading.Thread | None = None

    def start(self) -> "Server":
        self._thread = threading.Thread(target=self.serve, name="sandbox", daemon=True)
        self._thread.start()
        return self

    def serve(self) -> None:
        self._http.serve_forever(poll_interval=0.1)

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        for close in self._app.extensions["closing"]:
            close()
