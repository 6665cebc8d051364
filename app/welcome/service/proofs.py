"""What proves who a freshman is: normal forms, and the keyed hashes that are kept of them.

None of these values is stored readably. The import and the claim must come to the same hash of what a person
writes by hand and what a registry exports, so both go through here.
"""

import re
import unicodedata
from dataclasses import dataclass

from app.kit import crypto
from app.kit.id_numbers import normal_code

NUMBER, DOCUMENT, CLAIM, LETTER = "welcome.number", "welcome.document", "welcome.claim", "welcome.letter"
DOTS = re.compile(r"[·•‧∙・･．.•⋅]")
SPACES = re.compile(r"[\s\u200b-\u200f\ufeff]+")
LAST = 6
# GB 18030 of 2005 had these in the private area, and registries still export them so.
PRIVATE = str.maketrans(
    {
        0xE816: 0x20087,
        0xE817: 0x20089,
        0xE818: 0x200CC,
        0xE81E: 0x9FB4,
        0xE826: 0x9FB5,
        0xE82B: 0x9FB6,
        0xE82C: 0x9FB7,
        0xE831: 0x215D7,
        0xE832: 0x9FB8,
        0xE83B: 0x2298F,
        0xE843: 0x9FB9,
        0xE854: 0x9FBA,
        0xE855: 0x241FE,
        0xE864: 0x9FBB,
        0xE863: 0x4DAE,
    }
)


@dataclass(frozen=True)
class Indexes:
    """The hashes that an admission keeps."""

    number_index: str
    document_index: str
    claim_index: str
    letter_index: str | None


def normal_name(text: str) -> str:
    """买买提·艾力, 买买提•艾力 and 买买提．艾力 are one name; so are Ana  MARIA and ana maria, full width or not.

    Rare characters that GB 18030 once kept in the private area (䶮, 𠂇 …) are those of today; radicals and
    compatibility forms are the plain characters. What a school made itself in the private area stays as it is.
    """
    plain = DOTS.sub("·", unicodedata.normalize("NFKC", text.translate(PRIVATE)))
    return SPACES.sub("", plain).upper()


def last_six(document: str) -> str:
    return normal_code(document)[-LAST:]


def indexes(*, profile: str, name: str, number: str, document: str, letter: str | None) -> Indexes:
    """Of a whole document, as the registry has it."""
    return Indexes(
        number_index=number_index(profile, number),
        document_index=crypto.blind_index(normal_code(document), DOCUMENT),
        claim_index=claim_index(profile=profile, name=name, number=number, last_six=last_six(document)),
        letter_index=letter_index(letter) if letter else None,
    )


def number_index(profile: str, number: str) -> str:
    return crypto.blind_index(f"{profile}\0{normal_code(number)}", NUMBER)


def letter_index(letter: str) -> str:
    return crypto.blind_index(normal_code(letter), LETTER)


def claim_index(*, profile: str, name: str, number: str, last_six: str) -> str:
    """One hash of everything: without all of it right there is nothing to compare with."""
    parts = (profile, normal_name(name), normal_code(number), normal_code(last_six))
    return crypto.blind_index("\0".join(parts), CLAIM)
