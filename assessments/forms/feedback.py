"""Reading a letter of feedback before it goes out."""

from django import forms

from design.looks import Look


class CheckForm(forms.Form):
    """Which comments do not go out, and why what still warns may."""

    note = forms.CharField(
        label="Note",
        help_text="Needed only where a warning remains: why the letter may go out as it is.",
        max_length=1000,
        required=False,
        widget=forms.Textarea,
    )
    looks = {"note": Look(rows=2)}

    def left_out(self) -> list[str]:
        """The comments that were ticked, drawn beside each comment."""
        return list(self.data.getlist("left_out")) if self.is_bound else []
