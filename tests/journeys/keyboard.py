"""Somebody without a mouse: every control is come to by Tab or Shift+Tab, and pressed, ticked or typed into where the focus is.

    keys.follow('a[href="/assess/"]')            # Tab to it, Enter, the next page is checked
    keys.choose("outcome", "exclude")            # Tab to the radios, arrows to the one, Space where none was chosen
    keys.write("#id_reason", "As the notes say.")

A control that cannot be come to, or has the focus out of sight, fails the test; so does any use of a mouse.
"""

from collections.abc import Callable

from playwright.sync_api import Page

MOST = 200
"""Presses of Tab after which a control counts as out of reach."""
FAR = 6
"""From so many presses on the skip link is taken to what is on the page itself."""
READY = """addEventListener('pointerdown', () => console.error('somebody without a mouse used one'), true)
addEventListener('keydown', event => {
  if (event.key === 'Tab' && window.wanted && document.activeElement.matches(window.wanted)) event.preventDefault()
}, true)"""
"""No mouse; and Tab stays on the control that is wanted, so that it may be pressed a few times without looking each time."""
FIRST_GUESS = """control => {
  window.wanted = control
  const stops = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')].filter(one =>
    !one.disabled && one.type !== 'hidden' && one.checkVisibility({visibilityProperty: true}))
  const here = stops.filter(one => one.compareDocumentPosition(document.activeElement) & Node.DOCUMENT_POSITION_FOLLOWING
    || one === document.activeElement || one.contains(document.activeElement)).length
  const there = stops.findIndex(one => one.matches(control))
  return [document.activeElement === document.body, 1 + (document.activeElement === document.body ? there : there - here)]
}"""
WHERE = """control => {
  const focused = document.activeElement, drawn = focused.matches('[type=radio], [type=checkbox]') ? focused.parentElement : focused
  const {top, bottom, left, right} = drawn.getBoundingClientRect()
  return [focused.matches(control), bottom > 0 && top < innerHeight && right > 0 && left < innerWidth]
}"""


class Keyboard:
    """The keys of one page. `check` is what every page that is come to is held to; `sign_in` gives the page somebody's session."""

    def __init__(self, page: Page, check: Callable[[Page], None], *, sign_in: Callable[[str], Page]) -> None:
        self.page, self.check, self.sign_in = page, check, sign_in
        page.add_init_script(READY)

    def begin(self, address: str) -> None:
        """Type an address: how somebody comes to the house at all."""
        self.page.goto(address)
        self.check(self.page)

    def begin_as(self, who: str) -> None:
        self.sign_in(who)
        self.begin("/home/")

    def reach(self, control: str, *, back: bool = False) -> None:
        """Tab (or Shift+Tab) until the control has the focus, and is in sight."""
        key, pressed = "Shift+Tab" if back else "Tab", 0
        is_new, due = self.page.evaluate(FIRST_GUESS, control)
        if is_new and not back and due > FAR:
            self._skip_to_the_page()
            _, due = self.page.evaluate(FIRST_GUESS, control)
        while pressed < MOST:
            for _ in range(max(1 if back else due, 1)):
                self.page.keyboard.press(key)
                pressed += 1
            has_focus, is_in_sight = self.page.evaluate(WHERE, control)
            if has_focus:
                assert is_in_sight, f"{control} has the focus out of sight on {self.page.url}"
                return
            due = 1
        raise AssertionError(f"{control} is not reached by the Tab key on {self.page.url}")

    def _skip_to_the_page(self) -> None:
        self.page.keyboard.press("Tab")
        assert self.has_focus(".govuk-skip-link"), f"the first stop on {self.page.url} is not the way to its content"
        self.page.keyboard.press("Enter")

    def has_focus(self, control: str) -> bool:
        return self.page.evaluate("control => document.activeElement.matches(control)", control)

    def press(self, control: str, *, back: bool = False) -> None:
        """Press a button or follow a link, and look at the page that it leads to."""
        self.reach(control, back=back)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.check(self.page)

    follow = press

    def open(self, details: str) -> None:
        """Unfold what is folded away, where it is not open already."""
        self.reach(f"{details} summary")
        if not self.page.evaluate("document.activeElement.parentElement.open"):
            self.page.keyboard.press("Enter")

    def tick(self, box: str) -> None:
        """Tick or untick it; it may have the focus already."""
        if not self.has_focus(box):
            self.reach(box)
        self.page.keyboard.press("Space")

    def choose(self, name: str, value: str) -> None:
        """One of several radios: Tab comes to the group, arrows go from one to the next."""
        group, wanted = f'input[type="radio"][name="{name}"]', f'[value="{value}"]'
        self.reach(group)
        for _ in range(self.page.locator(group).count()):
            if self.has_focus(wanted):
                break
            self.page.keyboard.press("ArrowDown")
        if not self.has_focus(f"{wanted}:checked"):
            self.page.keyboard.press("Space")
        assert self.has_focus(f"{wanted}:checked"), f"{value} cannot be chosen by keys on {self.page.url}"

    def write(self, field: str, text: str) -> None:
        """Type into a field in place of what stands in it."""
        self.reach(field)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(text)

    def mend(self) -> None:
        """The page came back with a problem: the focus is on the summary, whose first link leads to the field."""
        assert self.has_focus(".govuk-error-summary"), f"the focus is not on the problems of {self.page.url}"
        assert self.page.title().startswith("Error: "), self.page.title()
        self.page.keyboard.press("Tab")
        assert self.has_focus(".govuk-error-summary a")
        self.page.keyboard.press("Enter")
