"""Forms as pages draw them, and what a browser sends of each that nobody has touched."""

from collections import defaultdict
from html.parser import HTMLParser


class Drawn:
    """One form that posts: where to, what it sends as it stands, and which answers are chosen."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.sends: dict[str, list[str]] = defaultdict(list)
        self.chosen: set[str] = set()
        """The names of the questions of which one answer is chosen already."""


class DrawnForms(HTMLParser):
    """Reads the forms of the page at *path* that post."""

    def __init__(self, path: str, page: str) -> None:
        super().__init__()
        self.forms: list[Drawn] = []
        self._path = path
        self._within = False
        self._select = self._text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, or what a field within it sends."""
        words = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._within = words.get("method") == "post"
            if self._within:
                self.forms.append(Drawn(words.get("action") or self._path))
        elif self._within:
            self._note(tag, words)

    def _note(self, tag: str, words: dict[str, str]) -> None:
        form, name, value = self.forms[-1], words.get("name", ""), words.get("value", "")
        ticked = "checked" in words
        if tag == "select":
            self._select = name
        elif tag == "option" and "selected" in words:
            form.sends[self._select].append(value)
        elif tag == "textarea":
            self._text = name
            form.sends[name] = [""]
        elif tag == "input" and name and (ticked or words.get("type") not in {"radio", "checkbox"}):
            form.sends[name].append(value)
            form.chosen |= {name} if words.get("type") == "radio" else set()

    def handle_data(self, data: str) -> None:
        """Note what stands in a box of several lines."""
        if self._text:
            self.forms[-1].sends[self._text][0] += data

    def handle_endtag(self, tag: str) -> None:
        """Note that a form or a box ends."""
        self._within &= tag != "form"
        self._text = "" if tag == "textarea" else self._text


def forms_of(path: str, page: str) -> list[Drawn]:
    """Return the forms of a page that post, but for those that stand on every page."""
    always = {"/sign-out", "/cases/find"}
    return [form for form in DrawnForms(path, page).forms if form.path not in always]
