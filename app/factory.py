"""create_app(): settings, extensions, and the loop over MODULES. The only place that imports manifests."""

import importlib
import os
from collections.abc import Callable, Collection
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Flask, request
from flask_babel import Babel
from jinja2 import FileSystemLoader
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from app import cli, web
from app.clients import Clients, opening
from app.clients.sso.cas import Cas
from app.clients.storage import DiskStorage
from app.clients.wechat.client import WeChat
from app.clients.wechat.settings import WeChatSettings
from app.config import MICRO_APPS, Settings, read_or_exit
from app.kit import clock, crypto, db, failpoint, http, limits, log, outbox
from app.kit.breaker import Breaker
from app.kit.jobs import Doorbell
from app.kit.module import Module, Registry

# Lower floors first. Platform and payments must start; a micro-app that fails is suspended and reported.
PLATFORM = (
    "app.platform.audit",
    "app.platform.directory",
    "app.platform.files",
    "app.platform.identity",
    "app.platform.privacy",
    "app.platform.official_account",
    "app.platform.notifications",
    "app.platform.portal",
    "app.platform.operations",
    "app.platform.approvals",
)
PAYMENTS = ("app.payments",)
FLOORS = PLATFORM + PAYMENTS
MODULES = (*FLOORS, *MICRO_APPS.values())

HERE = Path(__file__).parent


class House(Flask):
    """Flask with the pages of all packages."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Nothing is async: no use in asking every function of every request."""
        return func

    @cached_property
    def jinja_loader(self) -> FileSystemLoader:
        """The two frames, and what each package keeps in its templates/<package>/."""
        return FileSystemLoader([HERE / "templates", *(folder_of(name) / "templates" for name in MODULES)])


def folder_of(package: str) -> Path:
    return HERE.parent / package.replace(".", "/")


def create_app(settings: Settings | None = None) -> Flask:
    """The whole application, ready to serve. Also the base of workers and commands."""
    settings = settings or read_or_exit(os.environ)
    configure_kit(settings)
    app = House("app", root_path=str(HERE), static_folder=None)
    app.config.update(_config(settings))
    redis = _connect_redis(settings.redis_url)
    breaker = Breaker("redis", (RedisError,), threshold=1, cool_down=3.0)
    limits.configure(redis, breaker)
    doorbell = Doorbell(redis, breaker)
    db.after_commit(doorbell.after_commit)
    registry = load_registry((*FLOORS, *settings.micro_apps))
    clients = build_clients(settings, redis)
    outbox.load_registry(registry, request_id=_request_id)
    app.extensions.update(registry=registry, clients=clients, doorbell=doorbell)
    http.install(
        app,
        secret_key=settings.secret_key,
        seed_cookie=f"wl_seed_{settings.cookie_suffix}",
        is_secure=settings.is_secure,
    )
    Babel(app, locale_selector=web.locale, default_locale="zh_Hans_CN", default_timezone="Asia/Shanghai")
    web.install(app, settings)
    app.cli.add_command(cli.database)
    for module in registry.modules:
        _plug_in(app, module)
    return app


def _connect_redis(url: str) -> Redis:
    """For requests: a connection that Redis dropped is opened anew at once, and nobody waits long."""
    return Redis.from_url(
        url,
        socket_timeout=1,
        socket_connect_timeout=1,
        health_check_interval=30,
        retry=Retry(NoBackoff(), 1),
    )


def configure_kit(settings: Settings) -> None:
    """What every process needs before it touches a row."""
    log.configure(as_json=settings.log_as_json, level=settings.log_level)
    clock.configure(settings.clock_offset_file)
    failpoint.configure(settings.failpoints)
    crypto.configure(crypto.parse_keys(settings.field_keys, settings.blind_index_key))
    db.configure(settings.database_url)


def load_registry(names: Collection[str] = MODULES) -> Registry:
    """Import the manifests. Raises when one of the platform fails; suspends a micro-app that does."""
    modules: list[Module] = []
    suspended: dict[str, str] = {}
    for name in names:
        try:
            modules.append(importlib.import_module(f"{name}.manifest").module)
        except Exception as error:
            if name in FLOORS:
                raise
            suspended[name] = f"{type(error).__name__}: {error}"
            log.log.error("module_suspended", module=name, exc_info=error)
    left_out = tuple(key for key, package in MICRO_APPS.items() if package not in names)
    return Registry(tuple(modules), suspended, left_out)


def load_models() -> None:
    """Every table, whether its module is switched on or not. For migrations."""
    for name in ("app.kit.idempotency", "app.kit.outbox", "app.kit.external_events"):
        importlib.import_module(name)
    for name in MODULES:
        folder = folder_of(name)
        if (folder / "models.py").exists() or (folder / "models").is_dir():
            importlib.import_module(f"{name}.models")


def build_clients(settings: Settings, redis: "Redis") -> Clients:
    """One of each outside system per process. Without CAS_URL there is no single sign-on."""
    account = WeChatSettings(
        appid=settings.wechat_appid,
        secret=settings.wechat_secret,
        token=settings.wechat_token,
        aes_key=settings.wechat_aes_key,
        account_id=settings.wechat_account_id,
        api_base=settings.wechat_api_base,
        open_base=settings.wechat_open_base,
        js_url=settings.wechat_js_url,
    )
    return Clients(
        base_url=settings.base_url,
        wechat=WeChat(account, redis),
        cas=Cas(settings.cas_url) if settings.cas_url else None,
        storage=DiskStorage(settings.files_dir),
        redis=redis,
        wxpay=opening.open_wxpay(settings.vendors, settings.wechat_appid),
        unipay=opening.open_unipay(settings.vendors),
        card=opening.open_card_system(settings.vendors),
        meters=opening.open_meter_systems(settings.vendors),
        finance=opening.open_finance(settings.vendors),
        receipts=opening.open_receipts(settings.vendors),
        sms=opening.open_text_messages(settings.vendors),
        gates=opening.open_gates(settings.vendors),
        bank=opening.open_bank_mappings(settings.vendors),
    )


def _plug_in(app: Flask, module: Module) -> None:
    for blueprint in module.blueprints:
        app.register_blueprint(blueprint)
    for blueprint in module.api_blueprints:
        app.extensions["api"].register_blueprint(blueprint)
    for command in module.commands:
        app.cli.add_command(command)
    if module.on_app is not None:
        module.on_app(app)


def _config(settings: Settings) -> dict[str, object]:
    """Handed-down values: doors read these, nobody else reads the settings."""
    return {
        "SECRET_KEY": settings.secret_key,
        "MAX_CONTENT_LENGTH": 130 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
        "MAX_FORM_PARTS": 200,
        "ENVIRONMENT": settings.environment,
        "BASE_URL": settings.base_url,
        "REDIS_URL": settings.redis_url,
        "DESK_HOST": settings.desk_host,
        "SCHOOL_NAME": settings.school_name,
        "HOTLINE": settings.hotline,
        "IS_SECURE": settings.is_secure,
        "COOKIE_SUFFIX": settings.cookie_suffix,
        "FILES_DIR": settings.files_dir,
        "WECHAT_APPID": settings.wechat_appid,
        "WECHAT_TEMPLATES": settings.wechat_templates,
        "WECHAT_JS_URL": settings.wechat_js_url,
        "WECHAT_VERIFY_FILES": settings.wechat_verify_files,
        "CAS_NAME": settings.cas_name,
        "AUDIT_KEY": settings.audit_key,
        "BABEL_TRANSLATION_DIRECTORIES": str(HERE / "translations"),
    }


def _request_id() -> str | None:
    return http.request_id() if request else None
