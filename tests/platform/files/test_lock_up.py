"""The child that decodes: once locked up it reaches no file, no network and no second process."""

import subprocess
import sys

import pytest

from app.platform.files import decoder

pytestmark = pytest.mark.thorough

LOCKED = """
import os, resource, runpy, socket, sys
child = runpy.run_path(sys.argv[1])
child["lock_up"]()
try:
    exec(sys.argv[2])
except BaseException as error:
    os.write(1, type(error).__name__.encode())
else:
    os.write(1, b"escaped")
"""


def attempt(code: str) -> str:
    """What came of running this inside the locked-up child."""
    ran = subprocess.run(
        [sys.executable, "-I", "-c", LOCKED, str(decoder.CHILD), code],
        env=decoder.ENVIRONMENT,
        capture_output=True,
        timeout=60,
    )
    return ran.stdout.decode() or str(ran.returncode)


@pytest.mark.parametrize(
    "code",
    [
        "open('/etc/passwd')",
        "open('/proc/self/environ')",
        "socket.socket()",
        "socket.create_connection(('127.0.0.1', 80))",
        "os.close(0); os.open('/etc/passwd', os.O_RDONLY)",
        "os.pipe()",
        "os.dup(0)",
        "os.listdir('/')",
    ],
)
def test_nothing_can_be_opened(code):
    assert attempt(code) in ("OSError", "ImportError", "gaierror", "PermissionError")


@pytest.mark.parametrize("path", ["/bin/echo", "/bin/sh"])
def test_no_program_can_be_run(path):
    """The loader of the program finds no descriptor to open its libraries with."""
    code = f"os.waitpid(os.posix_spawn('{path}', ['echo', '-c', 'echo it ran'], {{}}), 0)"
    assert "it ran" not in attempt(code)


def test_memory_is_bounded():
    assert attempt("bytearray(3 << 30)") == "MemoryError"


def test_no_secret_is_in_its_environment():
    assert set(decoder.ENVIRONMENT) == {"LC_ALL", "MALLOC_ARENA_MAX"}


def test_time_is_bounded():
    spin = "resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass"
    assert attempt(spin) in ("-24", "-9")
