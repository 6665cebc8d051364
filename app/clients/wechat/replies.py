"""Replies in the chat. Own rendering: wechatpy lets a text break out of its element."""

from dataclasses import dataclass

from app.clients.wechat.texts import cdata, clean, cut


@dataclass(frozen=True)
class Text:
    """At most 2048 bytes; more is cut. May hold <a href="…"> links."""

    text: str


@dataclass(frozen=True)
class News:
    """One card with a picture that leads to a page."""

    title: str
    description: str
    url: str
    picture_url: str = ""


@dataclass(frozen=True)
class Nothing:
    """Received, no reply."""


Reply = Text | News | Nothing


def render(reply: Reply, *, to: str, sender: str, at: int) -> str:
    """The XML before encryption; "" for no reply (an empty text would show WeChat's fault message)."""
    inner = _inner(reply)
    if not inner:
        return ""
    return (
        f"<xml><ToUserName>{cdata(to)}</ToUserName><FromUserName>{cdata(sender)}</FromUserName>"
        f"<CreateTime>{at}</CreateTime>{inner}</xml>"
    )


def _inner(reply: Reply) -> str:
    match reply:
        case Text(text):
            text = cut(clean(text).strip())
            return f"<MsgType><![CDATA[text]]></MsgType><Content>{cdata(text)}</Content>" if text else ""
        case News():
            return f"<MsgType><![CDATA[news]]></MsgType><ArticleCount>1</ArticleCount>{_article(reply)}"
        case Nothing():
            return ""


def _article(news: News) -> str:
    parts = (
        ("Title", cut(clean(news.title), 190)),
        ("Description", cut(clean(news.description), 360)),
        ("PicUrl", clean(news.picture_url)),
        ("Url", clean(news.url)),
    )
    inner = "".join(f"<{name}>{cdata(text)}</{name}>" for name, text in parts)
    return f"<Articles><item>{inner}</item></Articles>"
