"""Rooms and corners of English stories, by the words of the premise that call for them; the last serve any story."""

from __future__ import annotations

SETTINGS = (
    (
        r"mars|moon|space|starship|spaceship|planet|colony|station|android|orbit",
        (
            "the airlock corridor",
            "the hydroponics bay",
            "the observation dome",
            "a humming server aisle",
            "the sleepers' ward",
            "a dark maintenance shaft",
            "the empty canteen",
        ),
    ),
    (
        r"palace|kingdom|castle|queen|king|prince|emperor|knight|medieval|samurai",
        (
            "the throne hall",
            "a torchlit gallery",
            "the walled rose garden",
            "the armoury",
            "a cold stone stairwell",
            "the chapel",
            "the kitchens below the court",
        ),
    ),
    (
        r"sea|bay|harbou?r|island|lighthouse|beach|fishing|coast|ship|port|boat|ferry",
        (
            "the boathouse",
            "the lamp room",
            "a salt-stained kitchen",
            "the net store",
            "a cabin lit by one lantern",
            "the hut on the breakwater",
            "the winch house above the slipway",
        ),
    ),
    (
        r"hospital|clinic|doctor|surgeon|nurse",
        (
            "the night ward",
            "the stairwell behind surgery",
            "the records room",
            "an empty operating theatre",
            "the ambulance bay",
            "the staff kitchen",
        ),
    ),
    (
        r"school|university|academy|student|teacher|class",
        (
            "the music room",
            "an empty classroom",
            "the library stacks",
            "the changing room",
            "the old assembly hall",
            "the caretaker's cellar",
        ),
    ),
    (
        r"office|company|ceo|corporate|billionaire|startup|lawyer|court",
        (
            "the glass boardroom",
            "the archive floor",
            "a stopped lift",
            "the marble lobby",
            "the underground car park",
            "the corner office",
        ),
    ),
    (
        r"village|farm|mountain|valley|forest|country|ranch|vineyard",
        (
            "the barn",
            "a kitchen with a low ceiling",
            "the orchard",
            "the old mill",
            "the churchyard",
            "a clearing in the pines",
        ),
    ),
    (
        r"shelter|alley|stray|street|cat|dog",
        (
            "the back alley",
            "the yard behind the market",
            "a warm boiler room",
            "the drying loft",
            "the lane behind the laundry",
            "the flooded underpass",
        ),
    ),
    (
        r"chef|cook|restaurant|baker|bakery|cafe|diner|recipe|kitchen",
        ("the hot kitchen after closing", "the pantry", "the empty dining room", "the loading bay", "the flour store"),
    ),
    (
        r"librar|bookshop|bookstore|archive|books?\b|novelist",
        (
            "the reading room after hours",
            "the returns office",
            "the locked stacks",
            "the map room",
            "the library basement",
        ),
    ),
    (
        r"taxi|driver|\broad\b",
        (
            "the taxi office",
            "an all-night petrol station",
            "the taxi depot",
            "an underpass at night",
            "the garage",
        ),
    ),
    (
        r"wrestl|box(?:er|ing)|fight|gym|ring\b",
        ("the empty ring", "the locker room", "the old gym", "the tunnel to the arena", "the rooftop gym"),
    ),
    (
        r"theat|opera|actor|actress|singer|stage|danc|circus|film",
        (
            "the dressing room",
            "the wings of the stage",
            "the prop store",
            "the empty stalls",
            "the stage-door corridor",
        ),
    ),
    (
        r"train|railway|subway|platform",
        ("the last carriage", "the signal box", "the ticket hall", "the waiting room", "the luggage van"),
    ),
    (
        r"detective|police|murder|prison|killer|inspector",
        ("the interview room", "the evidence room", "a taped-off courtyard", "the cells", "the car outside"),
    ),
    (
        r"",
        (
            "a narrow courtyard",
            "the back kitchen",
            "the stairwell",
            "an upstairs room with one bulb",
            "the boarded-up shop",
            "the cellar",
            "the last tram carriage",
            "a doorway sheltered from the rain",
        ),
    ),
)
