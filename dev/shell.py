"""Runs `flask` with the settings of a running demo; the Python shell when no words are given."""

import os
import sys
from typing import NoReturn

from dev.demo import FLASK, ROOT
from dev.problem import Problem
from dev.settings import Options, environment_of, running_urls


def main() -> NoReturn:
    os.chdir(ROOT)
    try:
        options = Options.read(os.environ)
        environment = environment_of(options, running_urls(options.data_dir))
    except Problem as problem:
        sys.exit(f"✗ {problem}")
    words = [*FLASK, *(sys.argv[1:] or ["shell"])]
    os.execve(words[0], words, environment)


if __name__ == "__main__":
    main()
