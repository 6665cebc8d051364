"""Weilife 微生活: campus life behind one WeChat official account."""
