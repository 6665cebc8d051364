"""The child that sets one PDF: reads its job as JSON from stdin, writes the PDF to stdout.

Run as a script with nothing of the application in it, no environment, and limits. The values reach the
template as data (`json(bytes(sys.inputs.data))`), never as text of the template.

    {"template": "/…/sheet.typ", "fonts": "/…", "values": {…}, "format": "pdf", "ppi": 144}
"""

import json
import resource
import sys

import typst

CPU_SECONDS = 60
MEMORY = 4 * 1024 * 1024 * 1024  # addresses, mostly of thread stacks that are never touched
MAX_OUTPUT = 64 * 1024 * 1024


def main() -> None:
    for limit, value in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, MAX_OUTPUT),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    job = json.load(sys.stdin.buffer)
    made = typst.compile(
        input=job["template"],
        font_paths=[job["fonts"]],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(job["values"], ensure_ascii=False)},
        format=job["format"],
        ppi=job["ppi"],
    )
    for page in [made] if isinstance(made, bytes) else made:
        sys.stdout.buffer.write(page)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
