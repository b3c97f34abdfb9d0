"""Every link that somebody is shown leads somewhere: each sample person follows all that their pages offer, and theirs alone.

    python soak/links.py [--pages N]

A page that is not found, closed to its reader or broken is printed with the page that led there; so is an empty title. Of pages that are
alike, such as one application's and another's, a few are enough. Letters of the sample people's common mailbox are left out: they lead to
pages of other people.
"""

import argparse
import os
import re
import sys
import tempfile
from collections import Counter, deque
from collections.abc import Iterator
from html import unescape
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

ALIKE = 3
LINK = re.compile(r'<a\b[^>]*\bhref="([^"]+)"')
TITLE = re.compile(r"<title>\s*\S")
RECORD = re.compile(r"\d+|[A-Z]{4,}-[\w-]+|[0-9a-f-]{32,}")
LEFT_OUT = ("/outbox/", "/accounts/logout/", "/static/")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=int, default=400, help="the most that one person looks at")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DATABASE_URL": f"sqlite:///{folder}/links.sqlite3",
            "DEMO": "1",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "VAR_DIR": folder,
            "LOG_LEVEL": "ERROR",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("prepare", stdout=sys.stderr)
        from accounts import demo

        looked, wrong = 0, 0
        for character in demo.characters():
            pages, found = follow(character.who, most=asked.pages)
            looked, wrong = looked + pages, wrong + len(found)
            print(f"{character.who}: {pages} pages, {len(found)} wrong", *found, sep="\n  ", flush=True)
    print(f"{looked} pages, {wrong} wrong")
    return 1 if wrong or not looked else 0


def follow(who: str, *, most: int) -> tuple[int, list[str]]:
    """How many pages this person looked at, and what was wrong."""
    from django.test import Client

    client = Client(headers={"host": "127.0.0.1"}, raise_request_exception=False)
    client.post("/demo/sign-in/", {"who": who})
    ahead, known, alike, found, looked = deque([("/home/", "the start")]), {"/home/"}, Counter[str](), [], 0
    while ahead and looked < most:
        path, led_from = ahead.popleft()
        kind = RECORD.sub("#", urlsplit(path).path) + ("?" if "?" in path else "")
        if alike[kind] >= ALIKE:
            continue
        alike[kind] += 1
        looked += 1
        answer = client.get(path, follow=True)
        page = shown(answer)
        if answer.status_code != HTTPStatus.OK or (page and not TITLE.search(page)):
            found.append(f"{answer.status_code} {path}, from {led_from}")
        for link in links(page, path):
            if link not in known:
                known.add(link)
                ahead.append((link, path))
    return looked, found


def shown(answer: Any) -> str:
    """The text of a page; nothing of a file, which is read all the same."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode() if answer.headers.get("Content-Type", "").startswith("text/html") else ""


def links(page: str, path: str) -> Iterator[str]:
    """Where a page leads within the service."""
    for given in LINK.findall(page):
        link = urldefrag(urljoin(f"http://127.0.0.1{path}", unescape(given)))[0]
        inside = link.removeprefix("http://127.0.0.1")
        if inside != link and inside.startswith("/") and not inside.startswith(LEFT_OUT):
            yield inside


if __name__ == "__main__":
    sys.exit(main())
