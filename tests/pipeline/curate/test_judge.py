"""Unit types as the sites write them, and what must come of each."""

from __future__ import annotations

import time

import pytest

from pipeline.curate.judge import Judge
from pipeline.errors import UsageError
from pipeline.manifest import ClassifySettings

KEEP = ("mobile suit", "mobile armor", "mobile armour", "mobile fighter", "mobile doll", "mobile worker", "Gundam fighter unit")
DROP = (
    "battleship",
    "carrier",
    "cruiser",
    "fighter",
    "truck",
    "plane",
    "aircraft",
    "ship",
    "vessel",
    "tank",
    "transport",
    "submarine",
    "satellite",
    "cannon",
    "base",
    "shuttle",
    "landing craft",
    "fortress",
)
MECHA = Judge(ClassifySettings(field="unit_type", keep=KEEP, drop=DROP))

FIELD = {
    "mobile suit": "keep",
    "Mobile Suit": "keep",
    "mobile suits": "keep",
    "MOBILE  SUIT": "keep",
    "mobile\n   suit": "keep",
    "mobile-suit": "keep",
    "mobile\u00a0suit": "keep",
    "mobile\u2010suit": "keep",
    "mobile-\nsuit": "keep",
    "prototype Newtype use mobile suit": "keep",
    "prototype Newtype-use mobile suit": "keep",
    "transformable mobile armor": "keep",
    "transformable mobile armour": "keep",
    "mobile fighter": "keep",
    "mobile fighters": "keep",
    "mass production general purpose mobile suit": "keep",
    "amphibious mobile suit": "keep",
    "submarine-type mobile suit": "keep",
    "aircraft-type transformable mobile suit": "keep",
    "anti-ship mobile suit": "keep",
    "anti-aircraft mobile suit": "keep",
    "heavily armed artillery mobile suit": "keep",
    "hand-to-hand combat mobile suit": "keep",
    "air-to-ground attack mobile suit": "keep",
    "mobile suit, transformable": "keep",
    "transformable, mobile suit": "keep",
    "mobile suit (space type)": "keep",
    "mobile suit [ground type]": "keep",
    "mobile suit (carrier variant)": "keep",
    "mobile suit/fighter": "keep",
    "fighter / mobile suit": "keep",
    "mobile armor and fighter": "keep",
    "fighter or mobile suit": "keep",
    "mobile suit \u2194 fighter": "keep",
    "mobile suit with flight unit": "keep",
    "mobile suit carrying a beam cannon": "keep",
    "mobile suit for submarine use": "keep",
    "mobile suit from captured fighter": "keep",
    "mobile suit in fighter mode": "keep",
    "mobile suit used by aircraft crews": "keep",
    "mobile suit designed for use against ships": "keep",
    "variant of mobile suit": "keep",
    "prototype of a mobile suit": "keep",
    "pair of mobile suits": "keep",
    "MS (mobile suit)": "keep",
    "unmanned unit (mobile doll)": "keep",
    "RX-78NT-1 - mobile suit": "keep",
    "Federation \u2014 mobile suit": "keep",
    "carrier; mobile suit": "keep",
    "mobile suit II custom": "keep",
    "\uff4d\uff4f\uff42\uff49\uff4c\uff45 \uff53\uff55\uff49\uff54": "keep",
    "mobile suit carrier": "drop",
    "mobile suit carriers": "drop",
    "mobile-suit carrier": "drop",
    "mobile suit-carrying land battleship": "drop",
    "mobile suit carrying land battleship": "drop",
    "mobile suit transport plane": "drop",
    "mobile armor transport": "drop",
    "mobile suit and fighter carrier": "drop",
    "mobile suit/mobile armor carrier": "drop",
    "carrier for mobile suits": "drop",
    "carrier for tanks and mobile suits": "drop",
    "carrier for fighters/mobile suits": "drop",
    "assault carrier (carries mobile suits)": "drop",
    "carrier with 6 mobile suits": "drop",
    "ship carrying mobile suits": "drop",
    "ship that carries mobile suits": "drop",
    "ship used to carry mobile suits": "drop",
    "fighter": "drop",
    "space fighter": "drop",
    "core fighter": "drop",
    "fighter based on a mobile suit": "drop",
    "trailer truck": "drop",
    "battleship": "drop",
    "battleships": "drop",
    "land battleship, mobile suit carrier": "drop",
    "anti-mobile suit cannon": "drop",
    "anti-mobile suit fighter": "drop",
    "non-mobile suit vessel": "drop",
    "aircraft": "drop",
    "assault shuttle": "drop",
    "assault landing craft": "drop",
    "space fortress (mobile suit base)": "drop",
    "assault gunboat": "no_keyword",
    "hover bike": "no_keyword",
    "powered suit": "no_keyword",
    "launcher for mobile suits": "no_keyword",
    "support equipment of mobile suits": "no_keyword",
    "mobile suitable platform": "no_keyword",
    "immobile suit": "no_keyword",
    "fightership": "no_keyword",
    "mobile, suit": "no_keyword",
    "anti-mobile suit missile": "no_keyword",
    "mobile suit cockpit": "no_keyword",
    "mobile suit hangar": "no_keyword",
    "mobile suit launch catapult": "no_keyword",
    "mobile suit hand weapon": "no_keyword",
    "mobile suit support armament": "no_keyword",
    "mobile suit support unit": "no_keyword",
    "long-range support mobile suit": "keep",
    "mobile suit with hand weapon": "keep",
    "mobile suit, hand weapon": "keep",
    "moblie suit": "keep",
    "amphibious mobile siut": "keep",
    "mobilesuits": "keep",
    "aircraft-type mobil suit": "keep",
    "mobilesuit carrier": "drop",
    "anti-moblie suit cannon": "drop",
    "moblie suit hangar": "no_keyword",
}
"""keep or drop: the field decides (rule `field`); no_keyword: dropped for want of a listed word."""


@pytest.mark.parametrize(("value", "expected"), FIELD.items(), ids=repr)
def test_unit_types(value: str, expected: str) -> None:
    opinion = MECHA(value, "", "")
    assert (opinion.keep, opinion.rule) == (expected == "keep", "no_keyword" if expected == "no_keyword" else "field"), opinion
    assert opinion.score is not None
    assert (opinion.score > 0) == opinion.keep


OTHERS = [
    # monsters: only a keep list, so what is not listed drops
    (("dragon", "goblin", "undead"), (), "Ancient red dragon", True),
    (("dragon", "goblin", "undead"), (), "Goblins (tribe of 40)", True),
    (("dragon", "goblin", "undead"), (), "dragon rider", False),
    (("dragon", "goblin", "undead"), (), "dragonfly", False),
    (("dragon", "goblin", "undead"), (), "fortress of the undead", False),
    (("fairy",), (), "winter fairies", True),
    (("witch",), (), "swamp witches", True),
    (("wolves",), (), "wolves", True),
    # miniatures: only a drop list, so what is not listed stays
    ((), ("terrain", "vehicle", "base"), "Space marine captain", True),
    ((), ("terrain", "vehicle", "base"), "Armoured vehicles", False),
    ((), ("terrain", "vehicle", "base"), "hero with scenic base", True),
    ((), ("terrain", "vehicle", "base"), "resin bases", False),
    # a museum: the head decides
    (("armour", "armor", "helmet"), ("drawing", "photograph", "fragment", "stand"), "Parade armour, half", True),
    (("armour", "armor", "helmet"), ("drawing", "photograph", "fragment", "stand"), "Armor for man and horse", True),
    (("armour", "armor", "helmet"), ("drawing", "photograph", "fragment", "stand"), "Photograph of a helmet", False),
    (("armour", "armor", "helmet"), ("drawing", "photograph", "fragment", "stand"), "helmet stand", False),
    (("armour", "armor", "helmet"), ("drawing", "photograph", "fragment", "stand"), "Fragment (from a helmet)", False),
    (("armour", "armor", "helmet"), ("drawing", "photograph", "fragment", "stand"), "Burgonet (helmet)", True),
    # three dots stand for up to three words, but not for marks
    (("transformable ... armor",), ("armor",), "transformable Newtype use mobile armor", True),
    (("transformable \u2026 armor",), ("armor",), "transformable armor", True),
    (("transformable ... armor",), ("armor",), "transformable one two three four armor", False),
    (("transformable ... armor",), ("armor",), "transformable suit, armor", False),
    (("transformable ... armor",), ("armor",), "non-transformable mobile armor", False),
    (("transformable ... armor",), ("armor", "carrier"), "transformable mobile armor carrier", False),
    (("... armor ...",), (), "mobile armor", True),
    # no blanks between words
    (("モビルスーツ",), ("戦艦",), "可変モビルスーツ", True),
    (("モビルスーツ",), ("戦艦",), "モビルスーツ搭載戦艦", False),
    # a keyword that overlaps another, and a keyword with a mark of its own
    (("mobile suit",), ("suit carrier",), "mobile suit carrier", False),
    (("mobile suit carrier",), ("carrier",), "mobile suit carrier", True),
    (("T-34",), (), "early T‑34 model", True),
]


@pytest.mark.parametrize(("keep", "drop", "value", "kept"), OTHERS)
def test_other_collections(keep: tuple[str, ...], drop: tuple[str, ...], value: str, kept: bool) -> None:
    opinion = Judge(ClassifySettings(field="kind", keep=keep, drop=drop))(value, "", "")
    assert opinion.keep is kept, opinion
    assert opinion.score is not None
    assert (opinion.score > 0) == kept


TEXTS = [
    # title, text, kept
    ("MSM-04 Acguy", "The Acguy is an amphibious mobile suit. It often fought beside ships.", True),
    ("Zaku II mobile suit", "", True),
    ("Zaku II (mobile suit)", "It launches from a carrier.", True),
    ("Albion", "The Albion is an assault carrier. It holds up to 6 mobile suits and carries spare mobile suits.", False),
    ("White Base", "A carrier for mobile suits. Mobile suit capacity: 15 mobile suits. Mobile suit hangar doors.", False),
    ("Pegasus", "Built as a ship, it has a crew of 210 and a mobile suit catapult.", False),
    ("Mobile Suit Gundam: Cucuruz Doan", "An island.", False),
    ("Gouf | Mobile suit", "", False),
    ("Gouf", "This mobile suit was built in UC 0079.", True),
    ("Psycho", "One of the largest mobile armors ever built.", True),
    ("Truck", "A trailer truck that hauls mobile suit parts.", False),
    ("Colony", "Behind the gate stands one mobile suit hangar.", False),
    ("GM III", "This mobile suit was given plane launchers and a cannon.", True),
    ("GM III", "The mobile suit was given a cannon.", False),
    ("Gadessa", "A new mobile suit with a cannon, it was seen beside a base as it fell.", True),
    ("Dagger", "The first mass produced mobile suit. A carrier brought up a dozen.", True),
    ("Kai", "A heavy cruiser of the fleet. Its mobile suits and its best mobile suit are red.", False),
    ("Doan", "Mobile suit Doan begins with a ship. A ship.", False),
    ("Nemo", "It is essentially a mobile suit, built like a ship, a plane, a tank.", True),
    ("Nothing", "Nothing is said.", False),
    ("", "", False),
]


@pytest.mark.parametrize(("title", "text", "kept"), TEXTS)
@pytest.mark.parametrize("value", ["", "Unknown", "N/A", " - ", "(?)"])
def test_without_a_field_title_and_text_decide(value: str, title: str, text: str, kept: bool) -> None:
    opinion = MECHA(value, title, text)
    assert opinion.keep is kept, opinion
    assert opinion.rule == ("text" if opinion.speaks_for or opinion.speaks_against else "no_keyword")
    assert opinion.score is not None
    assert (opinion.score > 0) == kept


def test_the_field_outranks_the_text() -> None:
    praise = "It is a mobile suit. " * 50
    assert not MECHA("assault carrier", "", praise).keep
    assert not MECHA("assault landing craft", "", praise).keep
    assert MECHA("mobile suit", "", "It is a ship. " * 50).keep


def test_the_text_shows_in_score_and_evidence() -> None:
    plain, backed = MECHA("mobile suit", "", ""), MECHA("mobile suit", "", "This mobile suit is a mobile suit. Mobile Suits!")
    assert plain.score is not None
    assert backed.score is not None
    assert backed.score > plain.score
    assert backed.speaks_for == "unit_type: mobile suit; text: mobile suit ×3"
    assert MECHA("submarine-type mobile suit", "", "").speaks_against == "unit_type: submarine"


def test_a_missing_word_is_named_in_the_reason() -> None:
    assert MECHA("powered suit", "", "").reason == 'unit_type says "powered suit": no listed word'
    assert MECHA("launcher for mobile suits", "", "").reason == 'unit_type says "launcher for mobile suits": no listed word before "for"'


def test_a_misspelling_is_shown() -> None:
    assert MECHA("mobile siut", "", "").reason == 'unit_type says "mobile siut": mobile suit (for "mobile siut")'


def test_without_words_everything_is_kept() -> None:
    opinion = Judge(ClassifySettings())("carrier", "carrier", "carrier")
    assert (opinion.keep, opinion.rule, opinion.score) == (True, "", None)


def test_without_keep_words_silence_is_consent() -> None:
    judge = Judge(ClassifySettings(field="kind", drop=("ship",)))
    assert judge("", "", "nothing").keep
    assert not judge("", "", "A ship.").keep
    assert judge("house", "", "A ship.").keep


@pytest.mark.parametrize(("keep", "drop", "named"), [(("Mobile  suit", "x"), ("mobile-suit",), "Mobile  suit"), (("!?",), (), "!?")])
def test_impossible_keywords_are_refused(keep: tuple[str, ...], drop: tuple[str, ...], named: str) -> None:
    with pytest.raises(UsageError, match="classify") as caught:
        Judge(ClassifySettings(keep=keep, drop=drop))
    assert named in str(caught.value)


@pytest.mark.parametrize("unit", ["mobile suit ", "ship/", "is mobile suit ", "(", " \u2014 ", ";", "type of ", "-", "戦艦"], ids=repr)
def test_a_hostile_text_takes_a_moment(unit: str) -> None:
    text = (unit * 100_000)[:100_000]
    for said in [("", "", text), ("", text, ""), (text, "", "")]:
        start = time.process_time()
        Judge(ClassifySettings(field="unit_type", keep=KEEP, drop=DROP))(*said)
        assert time.process_time() - start < 5  # some tenths of a second here; comparing each mention with each other took minutes
