"""`make reset`: deletes a demo's DATA_DIR and the database that lies beside it."""

import os
import shutil
import sys

from dev import places
from dev.problem import Problem
from dev.settings import Options


def main() -> int:
    data_dir = Options.read(os.environ).data_dir
    if not (data_dir / "format").exists():
        print(f"{data_dir} is no demo's DATA_DIR: nothing to do.")
        return 0
    try:
        places.Lock(data_dir, "demo").close()
    except Problem as problem:
        print(f"✗ {problem}")
        return 1
    places.remove_postgres_home(data_dir)
    shutil.rmtree(data_dir)
    print(f"{data_dir} is gone.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
