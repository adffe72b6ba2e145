"""What the site says of its units: invented names, figures and histories. None of them is anybody's."""

from __future__ import annotations

import random

NAMES = (
    *("Albatross", "Badger", "Bison", "Bittern", "Buzzard", "Caracal", "Cassowary", "Condor", "Coyote", "Curlew", "Dormouse"),
    *("Dragonfly", "Egret", "Falcon", "Ferret", "Gannet", "Gecko", "Gibbon", "Goshawk", "Harrier", "Hawfinch", "Heron"),
    *("Hornet", "Ibex", "Ibis", "Jackal", "Jackdaw", "Kestrel", "Lanner", "Lapwing", "Lemur", "Linnet", "Lynx", "Magpie"),
    *("Mantis", "Marten", "Merlin", "Mongoose", "Narwhal", "Newt", "Ocelot", "Osprey", "Otter", "Pangolin", "Peregrine"),
    *("Petrel", "Plover", "Puffin", "Raven", "Sable", "Salamander", "Serval", "Shrike", "Skua", "Stoat", "Tapir", "Tern"),
    *("Viper", "Wagtail", "Wombat"),
)
FORMS = ("", " II", " Custom", " Type B", " Scout", " Heavy", " Prime", " Arctic", " Desert", " Night", " Guard", " Marsh")
ACCENTED = ("Möwe", "Étoile", "Señal", "Garção", "Bürgermeister", "Flèche", "Ærø", "Piñata", "Über", "Château", "Tälli", "Niño")

SUITS = (
    "mass production mobile suit",
    "transformable mobile armor",
    "prototype mobile suit",
    "mobile fighter",
    "general purpose mobile suit",
    "commander type mobile suit",
    "amphibious mobile suit",
    "transformable mobile suit",
    "prototype transformable mobile armor",
    "long range artillery mobile suit",
)
VESSELS = {
    "battleship": ("space battleship", "assault cruiser", "flagship battleship"),
    "carrier": ("space carrier", "assault carrier", "mobile suit carrier"),
    "landing craft": ("assault landing craft", "landing craft"),
    "plane": ("transport plane", "fighter plane", "reconnaissance plane"),
    "truck": ("trailer truck", "tanker truck"),
    "tank": ("main battle tank", "light tank"),
    "shuttle": ("cargo shuttle", "passenger shuttle"),
    "submarine": ("attack submarine", "transport submarine"),
}
"""Unit types by vehicle kind; all of them are to be dropped. The keys are those of `vehicles.KINDS`."""

MAKERS = ("Northlight Works", "Tessera Foundry", "Halden & Rook", "Quarry Street Yards", "Ostara Dynamics", "Bellwether Company")
OPERATORS = ("Coastal League", "Free Harbours", "Highland Union", "Orbital Survey", "Ring Guard")
ROBOT_LINES = (
    "The {name} was built for patrols between the outer harbours, where spare parts come once a year.",
    "Its pilots like the wide view and dislike the heater.",
    "A squad of three travels in the hold of a carrier and is launched from its forward catapult.",
    "In trials it held its own against a battleship's guns for eleven minutes, which nobody had asked of it.",
    "It is brought to the field by transport plane or, when the weather is bad, by a trailer truck.",
    "Later machines were given a stronger neck joint and a second antenna.",
    "Two were lost when the landing craft that carried them ran aground.",
    "The eye is a single wide sensor; on cold mornings it takes a while to focus.",
    "Mechanics call it the kettle, after the sound its coolant makes.",
)
VESSEL_LINES = (
    "The {name} serves the supply lines between the harbours and the high stations.",
    "Its crew is small, and its galley is said to be the best of the fleet.",
    "Steering is light for its weight, though it answers slowly in shallow water.",
    "It was refitted twice, the second time with larger tanks and quieter engines.",
    "Older hulls were sold to fishermen and are still seen along the coast.",
)
CARRIER_LINES = (
    "The {name} can carry up to {count} mobile suits in two hangars and launch a mobile suit every forty seconds.",
    "Mobile suit crews sleep above the hangar; the mobile suits themselves stand in two rows, heads to the wall.",
    "Two catapults throw mobile suits forward, and a net behind catches the mobile suit that comes in too fast.",
)
NOTES = (
    "The drawing shows the machine as delivered.",
    "Colours differ between squadrons.",
    "Figures are from the builder's leaflet.",
    "The model was never exported.",
)


def figures(rng: random.Random, name: str, number: str, kind: str, unit_type: str) -> dict[str, str]:
    """The labelled lines of a unit page, in the order the page gives them."""
    robot = kind == "robot"
    size, weight = rng.uniform(4, 22), rng.uniform(7, 80)
    crew = (
        rng.choice(("pilot only, in a cockpit in the torso", "crew of two", "crew unknown")) if robot else f"crew of {rng.randint(3, 60)}"
    )
    return {
        "Model number": number,
        "Code name": name,
        "Unit type": unit_type,
        "Manufacturer": rng.choice(MAKERS),
        "Operator": rng.choice(OPERATORS),
        "First deployment": f"year {rng.randint(71, 128)} of the harbour calendar",
        "Accommodation": crew,
        "Dimensions": f"overall height {size:.1f} meters" if robot else f"overall length {size * 7:.1f} meters",
        "Weight": f"empty {weight:.1f} metric tons; max gross weight {weight * 1.4:.1f} metric tons",
        "Armor materials": rng.choice(("layered steel", "ceramic composite", "titanium alloy")),
        "Powerplant": f"compact reactor, power output rated at {rng.randint(600, 3900)} kW",
        "Propulsion": f"rocket thrusters: {rng.randint(2, 8)} x {rng.randint(4, 30) * 1000} kg",
    }


def history(rng: random.Random, name: str, kind: str) -> str:
    """A few sentences. A robot's speak of ships now and then; a carrier's speak of the mobile suits it holds."""
    if kind == "carrier":
        lines = [*CARRIER_LINES, rng.choice(VESSEL_LINES)]
    else:
        lines = rng.sample(ROBOT_LINES if kind == "robot" else VESSEL_LINES, 3)
    return " ".join(lines).format(name=name, count=rng.randint(6, 40))
