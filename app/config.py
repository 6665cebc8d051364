"""Settings: read once from the environment. Documented one by one in docs/operate.md."""

import base64
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.kit import crypto

MICRO_APPS = {
    "repairs": "app.repairs",
    "welcome": "app.welcome",
    "electricity": "app.miniapps.electricity",
    "leave": "app.miniapps.leave",
}
REAL_WECHAT_API = "https://api.weixin.qq.com"
REAL_WECHAT_OPEN = "https://open.weixin.qq.com"
REAL_WECHAT_JS = "https://res.wx.qq.com/open/js/jweixin-1.6.0.js"


class BadSettings(Exception):
    """A missing or impossible setting; the message is one line for the operator."""


@dataclass(frozen=True)
class Settings:
    """Everything that differs between installations."""

    environment: str
    base_url: str
    database_url: str
    migration_database_url: str
    redis_url: str
    secret_key: str = field(repr=False)
    field_keys: str = field(repr=False)
    blind_index_key: str = field(repr=False)
    audit_key: bytes = field(repr=False)
    files_dir: str
    clock_offset_file: str | None
    failpoints: str
    log_as_json: bool
    log_level: str
    desk_host: str
    school_name: str
    hotline: str
    wechat_appid: str
    wechat_secret: str = field(repr=False)
    wechat_token: str = field(repr=False)
    wechat_aes_key: str = field(repr=False)
    wechat_account_id: str
    wechat_api_base: str
    wechat_open_base: str
    wechat_js_url: str
    wechat_templates: Mapping[str, str]
    wechat_verify_files: Mapping[str, str]
    cas_url: str
    cas_name: str
    proxy_count: int
    micro_apps: tuple[str, ...]
    vendors: Mapping[str, Any] = field(repr=False)

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def is_secure(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def cookie_suffix(self) -> str:
        """Two installations on one host differ by port; cookies do not, so their names do."""
        return str(urlsplit(self.base_url).port or (443 if self.is_secure else 80))


def read_settings(env: Mapping[str, str]) -> Settings:
    """Raises BadSettings with one clear line."""
    settings = Settings(
        environment=_choice(env, "ENVIRONMENT", ("development", "production")),
        base_url=_url(env, "BASE_URL"),
        database_url=_required(env, "DATABASE_URL"),
        migration_database_url=env.get("MIGRATION_DATABASE_URL") or _required(env, "DATABASE_URL"),
        redis_url=_required(env, "REDIS_URL"),
        secret_key=_long(env, "SECRET_KEY", 32),
        field_keys=_required(env, "FIELD_KEYS"),
        blind_index_key=_required(env, "BLIND_INDEX_KEY"),
        audit_key=_key(env, "AUDIT_KEY"),
        files_dir=_required(env, "FILES_DIR"),
        clock_offset_file=env.get("CLOCK_OFFSET_FILE") or None,
        failpoints=env.get("FAILPOINTS", ""),
        log_as_json=env.get("LOG_FORMAT", "json") == "json",
        log_level=env.get("LOG_LEVEL", "INFO"),
        desk_host=env.get("DESK_HOST", ""),
        school_name=env.get("SCHOOL_NAME", "微生活大学"),
        hotline=env.get("HOTLINE", "0000-00000000"),
        wechat_appid=_required(env, "WECHAT_APPID"),
        wechat_secret=_required(env, "WECHAT_SECRET"),
        wechat_token=_long(env, "WECHAT_TOKEN", 16),
        wechat_aes_key=_exact(env, "WECHAT_AES_KEY", 43),
        wechat_account_id=_required(env, "WECHAT_ACCOUNT_ID"),
        wechat_api_base=env.get("WECHAT_API_BASE", REAL_WECHAT_API),
        wechat_open_base=env.get("WECHAT_OPEN_BASE", REAL_WECHAT_OPEN),
        wechat_js_url=env.get("WECHAT_JS_URL", REAL_WECHAT_JS),
        wechat_templates=_texts(env, "WECHAT_TEMPLATES"),
        wechat_verify_files=_texts(env, "WECHAT_VERIFY_FILES"),
        cas_url=env.get("CAS_URL", ""),
        cas_name=env.get("CAS_NAME", "统一身份认证"),
        proxy_count=_count(env, "PROXY_COUNT"),
        micro_apps=_micro_apps(env, "MICRO_APPS"),
        vendors=_json_file(env, "VENDORS_FILE"),
    )
    _check(settings)
    return settings


def read_or_exit(env: Mapping[str, str]) -> Settings:
    """For the entry points: one line on stderr and exit code 2 instead of a trace."""
    try:
        return read_settings(env)
    except BadSettings as error:
        print(f"Weilife: {error}", file=sys.stderr)  # noqa: T201 - logging is not configured yet
        raise SystemExit(2) from None


def _check(settings: Settings) -> None:
    try:
        crypto.parse_keys(settings.field_keys, settings.blind_index_key)
    except ValueError:
        raise BadSettings(
            "FIELD_KEYS must be 1:<base64 of 32 bytes>[,2:…] and BLIND_INDEX_KEY base64 of 32 bytes"
        ) from None
    if not settings.is_production:
        return
    if not settings.is_secure:
        raise BadSettings("BASE_URL must begin with https:// in production")
    if settings.clock_offset_file or settings.failpoints:
        raise BadSettings("CLOCK_OFFSET_FILE and FAILPOINTS are for tests: unset them in production")
    if (settings.wechat_api_base, settings.wechat_open_base) != (REAL_WECHAT_API, REAL_WECHAT_OPEN):
        raise BadSettings("WECHAT_API_BASE and WECHAT_OPEN_BASE point to a sandbox: unset them in production")


def _required(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "").strip()
    if not value:
        raise BadSettings(f"{name} is not set (see docs/operate.md)")
    return value


def _choice(env: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    value = _required(env, name)
    if value not in allowed:
        raise BadSettings(f"{name} must be one of {', '.join(allowed)}")
    return value


def _url(env: Mapping[str, str], name: str) -> str:
    value = _required(env, name).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path:
        raise BadSettings(f"{name} must look like https://life.example.edu.cn")
    return value


def _long(env: Mapping[str, str], name: str, least: int) -> str:
    value = _required(env, name)
    if len(value) < least:
        raise BadSettings(f"{name} must have at least {least} characters")
    return value


def _exact(env: Mapping[str, str], name: str, length: int) -> str:
    value = _required(env, name)
    if len(value) != length:
        raise BadSettings(f"{name} must have exactly {length} characters")
    return value


def _key(env: Mapping[str, str], name: str) -> bytes:
    try:
        key = base64.b64decode(_required(env, name), validate=True)
    except ValueError:
        key = b""
    if len(key) < 32:
        raise BadSettings(f"{name} must be base64 of at least 32 bytes")
    return key


def _count(env: Mapping[str, str], name: str) -> int:
    value = env.get(name) or "0"
    if not value.isdigit() or int(value) > 5:
        raise BadSettings(f"{name} must be a number from 0 to 5")
    return int(value)


def _micro_apps(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Packages in our order, whatever the order of the words; all of them when nothing is said."""
    words = {word.strip() for word in env.get(name, "").split(",") if word.strip()}
    if unknown := sorted(words - MICRO_APPS.keys()):
        raise BadSettings(f"{name} knows no {', '.join(unknown)}: it takes {', '.join(MICRO_APPS)}")
    return tuple(package for word, package in MICRO_APPS.items() if word in words or not words)


def _json_file(env: Mapping[str, str], name: str) -> Mapping[str, Any]:
    """A file, because it holds keys; {} when none is named."""
    path = env.get(name, "").strip()
    if not path:
        return {}
    try:
        value = json.loads(Path(path).read_text("utf-8"))
    except OSError as error:
        raise BadSettings(f"{name} can't be read: {error.strerror}") from None
    except ValueError:
        raise BadSettings(f"{name} is not valid JSON") from None
    if not isinstance(value, dict):
        raise BadSettings(f"{name} must hold a JSON object")
    return value


def _texts(env: Mapping[str, str], name: str) -> Mapping[str, str]:
    try:
        value = json.loads(env.get(name) or "{}")
    except ValueError:
        raise BadSettings(f"{name} is not valid JSON") from None
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise BadSettings(f"{name} must be a JSON object of texts")
    return value
