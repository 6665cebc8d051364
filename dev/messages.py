"""Translations: `python -m dev.messages` brings the catalogues up to date, `… compile` compiles them.

The .po files are in the repository, the .mo files are not: whatever starts the application compiles first.
"""

import os
import sys
import tempfile
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "app"
CATALOGUES = SOURCES / "translations"
LANGUAGES = ("en",)
HEADER = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2"), ("**/templates/**.txt", "jinja2")]
KEYWORDS = {**DEFAULT_KEYWORDS, "N_": None, "NP_": ((1, "c"), 2), "lazy_gettext": None}


def extracted() -> Catalog:
    """Every text of the application, and the files it stands in."""
    found = Catalog(charset="utf-8")
    texts = extract_from_dir(
        SOURCES, METHODS, keywords=KEYWORDS, comment_tags=["Translators:"], strip_comment_tags=True
    )
    for name, _line, msgid, comments, context in sorted(texts, key=lambda text: (text[0], text[1])):
        found.add(msgid, None, [(f"app/{name}", 0)], auto_comments=comments, context=context)
    return found


def read(language: str) -> Catalog:
    with catalogue(language).open("rb") as file:
        return read_po(file, locale=language)


def update() -> None:
    """The header is ours and has no dates: a catalogue changes only when a text does."""
    template = extracted()
    for language in LANGUAGES:
        file = catalogue(language)
        file.parent.mkdir(parents=True, exist_ok=True)
        header = HEADER.format(language=language).encode()
        if not file.exists():
            file.write_bytes(header)
        known = read(language)
        known.update(template, no_fuzzy_matching=True)
        with file.open("wb") as out:
            out.write(header)
            write_po(out, known, width=0, omit_header=True, ignore_obsolete=True, include_lineno=False)


def compile_changed() -> None:
    """For a start that should be quick: leaves alone what is newer than its source."""
    for language in LANGUAGES:
        source = catalogue(language)
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime <= source.stat().st_mtime:
            compile_one(language)


def compile_one(language: str) -> None:
    """Replaced as a whole: a process that starts meanwhile reads the old one or the new one."""
    target = catalogue(language).with_suffix(".mo")
    handle, name = tempfile.mkstemp(dir=target.parent, suffix=".part")
    with os.fdopen(handle, "wb") as out:
        write_mo(out, read(language))
    os.chmod(name, 0o644)
    os.replace(name, target)


def catalogue(language: str) -> Path:
    return CATALOGUES / language / "LC_MESSAGES" / "messages.po"


def main(words: list[str]) -> None:
    if "compile" not in words:
        update()
    for language in LANGUAGES:
        compile_one(language)


if __name__ == "__main__":
    main(sys.argv[1:])
