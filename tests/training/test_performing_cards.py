"""Cards of the models of performing."""

from plugin_core.training.performing_cards import performing_card, performing_card_text
from tests.training.performances import ruled


def test_a_card_names_every_source_with_its_terms_and_nothing_held_out() -> None:
    performed = [
        ruled(1),
        ruled(2, instrument="flute", source="other", licence="one: MIT; two: CC0"),
        ruled(3, origin="assembled", source="other", licence="two: CC0; three: CC-BY-4.0"),
        ruled(4, source="hidden", is_held_out=True),
    ]
    card = performing_card(performed, {"rmse": 0.125, "by_control": {"attack_noise": 0.5}})
    seconds = {each.name: len(each.frames) / 250 for each in performed}
    assert card["hours"] == {
        "performance": round((seconds["ruled 1"] + seconds["ruled 2"]) / 3600, 3),
        "assembled": round(seconds["ruled 3"] / 3600, 3),
    }
    text = performing_card_text(
        {"name": "made", "steps": 3, "seed": 4, "made_by": "hexachord train made", **card}
    )
    assert text.startswith("# made\n\n3 steps, seed 4.\n\n    hexachord train made\n")
    assert "- rmse: 0.125\n- by control: attack noise 0.5\n" in text
    assert "| made | CC0 | violin | performance | 1 |" in text
    terms = "one: MIT, three: CC-BY-4.0, two: CC0"
    assert f"| other | {terms} | flute, violin | assembled, performance | 2 |" in text
    assert "hidden" not in text
    assert "drawn expression" in text
