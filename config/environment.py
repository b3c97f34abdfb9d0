"""Reading the environment: every value is checked, every problem is kept, and all of them are told at once as sentences."""

import base64
import binascii
import ipaddress
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

YES = {"1", "true", "yes", "on"}
NO = {"0", "false", "no", "off"}


class Environment:
    """The variables of one process. Ask for each by name, then call `check()`."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = variables
        self.problems: list[str] = []

    def refuse(self, sentence: str) -> None:
        """Keep a problem: a sentence that names the variable and the mend."""
        self.problems.append(sentence)

    def check(self) -> None:
        """Raise ImproperlyConfigured with every problem found, one a line."""
        if self.problems:
            raise ImproperlyConfigured("The settings cannot be used:\n" + "\n".join(f"- {problem}" for problem in self.problems))

    def text(self, name: str, default: str = "") -> str:
        """The variable without the blanks around it; set but empty counts as not set."""
        return self.variables.get(name, "").strip() or default

    def flag(self, name: str, *, default: bool = False) -> bool:
        text = self.text(name).lower()
        if text and text not in YES | NO:
            self.refuse(f'{name} is "{text}", which is neither yes nor no: set it to 1 or 0.')
        return text in YES if text else default

    def number(self, name: str, default: int, *, least: int = 0, most: int = 2**31) -> int:
        text = self.text(name, str(default))
        if not text.lstrip("-").isdigit() or not least <= int(text) <= most:
            self.refuse(f'{name} is "{text}": set it to a whole number from {least} to {most}.')
            return default
        return int(text)

    def items(self, name: str, default: Iterable[str] = ()) -> list[str]:
        """A list with commas between."""
        return [item.strip() for item in self.text(name, ",".join(default)).split(",") if item.strip()]

    def one_of(self, name: str, default: str, choices: Iterable[str]) -> str:
        text = self.text(name, default)
        if text not in choices:
            self.refuse(f'{name} is "{text}": set it to one of {", ".join(choices)}.')
            return default
        return text

    def base_url(self, name: str, default: str) -> str:
        """A web address without a path: scheme, host, perhaps a port."""
        text = self.text(name, default).rstrip("/")
        parts = urlsplit(text)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query or parts.username:
            told = f'{name} is "{self.text(name, default)}"'
            self.refuse(f"{told}: set it to the address people type, such as https://grants.example.org, without a path.")
            return default
        return text

    def address(self, name: str, default: str, *, schemes: Iterable[str], example: str) -> str:
        """An address whose scheme is one that we know."""
        text = self.text(name, default)
        scheme = text.partition("://")[0] if "://" in text else ""
        told = ""
        if text and scheme not in schemes:
            told = f"begins with {scheme}://, which is not known here" if scheme else "is not an address"
        elif not _has_a_sound_port(text):
            told = "names a port that is none"
        if told:
            self.refuse(f"{name} {told}: set it to something like {example}.")
            return default
        return text

    def database(self, name: str, default: str) -> dict[str, Any]:
        """Django's dictionary for a sqlite:// or postgres:// address."""
        example = "postgres://user:password@host:5432/name or sqlite:////folder/file.sqlite3"
        text = self.address(name, default, schemes={"sqlite", "postgres", "postgresql"}, example=example)
        try:
            found = dict(environ.Env.db_url_config(text))
        except (ValueError, TypeError, environ.ImproperlyConfigured):
            found = {}
        if not found.get("NAME"):
            self.refuse(f"{name} names no database: set it to something like {example}.")
            return dict(environ.Env.db_url_config(default))
        if text.startswith("sqlite:") and found["NAME"] != ":memory:" and not (folder := Path(found["NAME"]).absolute().parent).is_dir():
            self.refuse(f"{name} names a file in {folder}, and there is no such folder: make it, or name another.")
        return found

    def folder(self, name: str, default: str) -> Path:
        """A folder of our own, made where it is missing. Nothing can go on without it, so that a problem is raised at once."""
        path = Path(self.text(name, default)).absolute()
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as problem:
            self.refuse(
                f"{name} is {path}, and no folder can be made there ({problem.strerror}): set it to one that this user may write to."
            )
            self.check()
        return path

    def matching(self, name: str, default: str, *, pattern: str, example: str) -> str:
        """A text of a certain shape."""
        text = self.text(name, default)
        if text and not re.fullmatch(pattern, text):
            self.refuse(f'{name} is "{text}": set it to something like {example}.')
            return default
        return text

    def secret(self, name: str, kept: str) -> str:
        """A long random text; `kept` is the one that the embedded set-up wrote to a file."""
        text = self.text(name, kept)
        if not text:
            self.refuse(f"{name} is not set: run `python -m config.keys`, which makes one in var/keys, or set it yourself.")
        elif len(text) < 32 or len(set(text)) < 10:
            self.refuse(f"{name} is too easy to guess: set it to at least 32 random characters.")
        return text

    def keys(self, name: str, kept: str) -> list[str]:
        """Fernet keys, the newest first."""
        keys = [item.strip() for item in self.text(name, kept).split(",") if item.strip()]
        if not keys:
            self.refuse(f"{name} is not set: run `python -m config.keys`, which makes one in var/keys, or set it to a Fernet key.")
        if any(bytes_of(key, url_safe=True) != 32 for key in keys):
            self.refuse(f"{name} holds something that is not a Fernet key: each is 32 random bytes in URL-safe base64.")
        return keys

    def seed(self, name: str, kept: str) -> str:
        """32 random bytes in base64, from which an Ed25519 key comes."""
        text = self.text(name, kept)
        if not text:
            self.refuse(f"{name} is not set: run `python -m config.keys`, which makes one in var/keys, or set it.")
        elif bytes_of(text) != 32:
            self.refuse(f"{name} is not 32 bytes in base64: make one with `openssl rand -base64 32`.")
        return text


def _has_a_sound_port(address: str) -> bool:
    if address.startswith("sqlite:"):
        return True
    try:
        return urlsplit(address).port != 0
    except ValueError:
        return False


def bytes_of(text: str, *, url_safe: bool = False) -> int:
    """How many bytes a base64 text holds; -1 when it is none."""
    try:
        return len(base64.b64decode(text, altchars=b"-_" if url_safe else None, validate=True))
    except (binascii.Error, ValueError):
        return -1


def is_loopback(host: str) -> bool:
    """Whether a host name means this machine only."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
