"""What a form may say about how one of its fields is drawn."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    """Drawing instructions for one field, written in `form.looks = {"title": Look(label_size="l")}` or on the field as `field.look`.

    `width`: 2, 3, 4, 5, 10, 20 or 30 characters, or a fraction ("two-thirds"). `words`, `characters`: a limit counted as people type.
    `page_heading`: the label is the page's h1. `hint`: replaces the field's help text. `inline`: radios side by side.
    """

    label_size: str = ""
    page_heading: bool = False
    hint: str = ""
    width: int | str = ""
    prefix: str = ""
    suffix: str = ""
    words: int = 0
    characters: int = 0
    rows: int = 0
    inline: bool = False
    small: bool = False
    hide_label: bool = False
    says_optional: bool = True


class Choice(str):
    """The label of a radio or checkbox with a line of explanation below it: `Choice("Yes", hint="You will be asked when")`."""

    __slots__ = ("hint",)
    hint: str

    def __new__(cls, label: str, *, hint: str = "") -> "Choice":
        choice = super().__new__(cls, label)
        choice.hint = hint
        return choice
