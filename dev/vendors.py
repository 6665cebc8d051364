"""The file behind VENDORS_FILE for the sandbox's channels and machines: both worlds read keys made once."""

import json
from pathlib import Path
from typing import Any

from sandbox import vendors
from sandbox.wxpay import keys


def write_vendors(path: Path, *, sandbox_dir: Path, sandbox_url: str) -> Path:
    """As `vendors_of`, readable by its owner alone."""
    sandbox_dir.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(vendors_of(sandbox_dir, sandbox_url), ensure_ascii=False, indent=1), "utf-8")
    return path


def vendors_of(sandbox_dir: Path, sandbox_url: str) -> dict[str, Any]:
    """What the application is told about every vendor that the sandbox plays."""
    pay = keys.load_or_make(sandbox_dir)
    return {
        "wxpay": {mchid: {**pay.environment(mchid), "api_base": sandbox_url} for mchid in pay.merchants},
        "unipay": vendors.unipay(sandbox_dir, sandbox_url),
        "card": vendors.card(sandbox_dir, sandbox_url),
        "meters": {given["system"]: given for given in vendors.meters(sandbox_dir, sandbox_url)},
        "finance": vendors.finance(sandbox_dir, sandbox_url),
        "receipts": vendors.receipts(sandbox_dir, sandbox_url),
        "gates": vendors.gates(sandbox_dir, sandbox_url),
        "sms": vendors.sms(sandbox_dir, sandbox_url),
    }
