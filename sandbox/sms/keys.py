"""The account at the gateway, made once for both sides, and the templates that it has approved. Needs no Flask."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from sandbox.keyfile import load_or_write

SIGN = "微生活"


@dataclass(frozen=True)
class Template:
    """`key` is the application's name for it; `{1}`, `{2}` … in the text are filled in this order."""

    key: str
    text: str
    params: tuple[str, ...]


TEMPLATES = {
    "2100001": Template(
        "welcome.claim_code",
        "您的录取信息认领验证码是 {1}，{2} 分钟内有效。学校不会向您索要，请勿转告他人。",
        ("code", "minutes"),
    ),
    "2100002": Template(
        "welcome.claimed",
        "您的录取信息已于 {1} 被认领。不是本人操作，请打开“微生活-迎新-申诉”或致电辅导员。",
        ("time",),
    ),
    "2100003": Template(
        "welcome.claims_attacked", "录取认领出现异常尝试（{1}），请到管理端核查。", ("count",)
    ),
    "2100004": Template(
        "leave.parents_approved",
        "您的孩子{1}的请假已批准：{2} 到 {3}。查看：https://life.example.edu.cn/m/leave/parents/{4}",
        ("who", "start", "due", "token"),
    ),
    "2100005": Template(
        "leave.parents_overdue",
        "您的孩子{1}请假应于 {2} 返校，现在还没有登记返校，请联系孩子或辅导员。查看：https://life.example.edu.cn/m/leave/parents/{3}",
        ("who", "due", "token"),
    ),
    "2100009": Template("lamps.sms", "{1} 的灯出了问题，请查看。", ("room",)),
}


def load_or_make(data_dir: Path) -> dict[str, str]:
    """Both sides may call this, in any order."""
    return load_or_write(
        data_dir / "sms-key.json",
        lambda: {
            "app_id": "1400000001",
            "secret_id": f"AKID{secrets.token_hex(12)}",
            "secret_key": secrets.token_hex(20),
        },
    )
