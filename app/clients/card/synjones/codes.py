"""The public table of Synjones return codes, with what each means for us.

Two of them read otherwise than they work: 60037 is called 一卡通网络故障 and is also what a school's system
answers for a room it does not know, and 60070 已经支付成功 is a duplicate, not an error.
"""

from app.clients.verdicts import AUTH, BUSY, DUPLICATE, NOT_FOUND, REFUSED, UNKNOWN, Verdicts

_BY_LETTER = {
    UNKNOWN: "-1 -2 -3 -10 60001 60026 60027 60028 60037 60046 60047 60050 60057 60071",
    AUTH: "-4 -5 -6 -7 -8 -9 40002 40003 40004 40005 40006 40007 40008 40009 40010 40011 40012 40013 40017 40018",
    BUSY: "40014 60041 60048 60066",
    DUPLICATE: "60009 60045 60053 60070",
    NOT_FOUND: "60024 60038 60073",
    REFUSED: """
        40001 40015 40016 60002 60003 60004 60005 60006 60007 60008 60010 60011 60012 60013 60014 60015 60016 60017
        60018 60019 60020 60021 60022 60023 60025 60029 60030 60031 60032 60033 60034 60035 60036 60039 60040 60042
        60043 60044 60049 60051 60052 60054 60055 60056 60058 60060 60061 60062 60063 60064 60065 60067 60068 60069
        60072
    """,
}
CODES: Verdicts = {code: letter for letter, codes in _BY_LETTER.items() for code in codes.split()}

TOKEN_REFUSED = "40017"  # noqa: S105 - a return code
NO_ACCOUNT = frozenset(("60003", "60004", "60006", "60024", "60038"))
NO_ORDER = frozenset(("60024", "60073"))
"""Codes that say, in answer to a refund, that there is nothing to refund."""
