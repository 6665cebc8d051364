"""Why a file is not believed, in words for those who have to get a better one."""

from collections.abc import Mapping

from app.kit.i18n import N_

REFUSALS = {
    "unknown_columns": N_("表头里有不认识的列：%(what)s。渠道可能改了账单格式，请把文件交给系统管理员。"),
    "missing_columns": N_("表头里缺列：%(what)s。请确认下载的是完整的原始文件。"),
    "type": N_("这是 %(found)s 类型的账单，要的是 %(wanted)s。"),
    "account": N_("账单里的商户号是 %(found)s，不是 %(wanted)s。"),
    "day": N_("账单里的日期是 %(found)s，不是 %(wanted)s。"),
    "no_such_day": N_("文件里没有 %(wanted)s 的流水。"),
    "status": N_("不认识的交易状态：%(found)s。"),
    "cells": N_("列数和表头不一致。文件可能被改动过，请重新下载。"),
    "value": N_("金额、数量或时间读不出来。文件可能被改动过，请重新下载。"),
    "number": N_("单号、币种或金额不合规则。文件可能被改动过，请重新下载。"),
    "twice": N_("同一笔交易出现了两次：%(what)s。"),
    "balance": N_("账户结余和上一笔接不上，中间可能缺了流水。"),
    "sum": N_("%(name)s写的是 %(stated)s，按明细加总是 %(found)s。"),
    "no_detail": N_("这一行既不是明细，也不是合计。文件可能被改动过，请重新下载。"),
    "no_summary": N_("文件末尾没有合计，只下载了一部分。请重新下载。"),
    "after_end": N_("合计之后还有内容。两份账单可能被拼在了一起，请重新下载。"),
    "cut": N_("最后一行不完整，只下载了一部分。请重新下载。"),
    "line_end": N_("换行符和渠道的原始文件不同，文件被别的软件存过。请重新下载，不要打开后再保存。"),
    "long_line": N_("有一行太长，这不是账单文件。"),
    "unreadable": N_("编码不对，有读不出来的字符。请重新下载，不要打开后再保存。"),
}


def sentence(code: str, params: Mapping[str, object]) -> str:
    return REFUSALS[code] % params
