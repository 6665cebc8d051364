"""What the WeChat client must be told. Values come from the factory; nothing is read from the environment."""

from dataclasses import dataclass, field

from app.clients.outbound import TIMEOUT

API_HOST = "https://api.weixin.qq.com"
OPEN_HOST = "https://open.weixin.qq.com"
JS_URL = "https://res.wx.qq.com/open/js/jweixin-1.6.0.js"


@dataclass(frozen=True)
class WeChatSettings:
    """One official account. The three secrets stay out of `repr`.

    An empty token would make every forged signature right, and a wrong key length fails only at the first
    message, so both are refused here.
    """

    appid: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    account_id: str
    api_base: str = API_HOST
    open_base: str = OPEN_HOST
    js_url: str = JS_URL
    timeout: tuple[float, float] = TIMEOUT

    def __post_init__(self) -> None:
        missing = [
            name for name in ("appid", "secret", "token", "account_id") if not getattr(self, name).strip()
        ]
        if missing:
            raise ValueError(f"WeChat settings are empty: {', '.join(missing)}")
        if len(self.aes_key) != 43 or not self.aes_key.isascii() or not self.aes_key.isalnum():
            raise ValueError("WeChat's EncodingAESKey has 43 letters and digits")
