"""Every set of colours an organisation may choose can be read: WCAG 2.2's contrasts, 4.5 for words and 3 for what is drawn."""

import pytest

from design.palettes import PALETTES, TYPEFACES, contrast, sheet


def test_contrast_is_reckoned_as_wcag_does():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
    assert contrast("#123456", "#123456") == 1


@pytest.mark.parametrize("name", PALETTES)
def test_words_can_be_read_on_every_palette(name):
    palette = PALETTES[name]
    for behind in (palette.accent, palette.accent_deep, palette.night, palette.night_low):
        assert contrast("#ffffff", behind) >= 4.5
    assert contrast(palette.head_quiet, palette.night) >= 4.5
    assert contrast(palette.night, palette.copper) >= 4.5
    assert contrast(palette.copper, palette.night) >= 3
    assert contrast(palette.accent, "#eff5f5") >= 4.5


def test_a_sheet_holds_nothing_but_custom_properties():
    for palette in PALETTES:
        for typeface in TYPEFACES:
            text = sheet(palette, typeface)
            assert text.startswith(":root{--accent:#")
            assert "url(" not in text
            assert text.count("{") == text.count("}") == 1


def test_an_unknown_look_is_the_usual_one():
    assert sheet("no such", "either") == sheet("harbour", "source")
