"""English clothes by trade, and what a story's people are to each other in words."""

from __future__ import annotations

CLOTHES = (
    (r"nurse", "a pale blue nurse uniform under a grey cardigan"),
    (r"surgeon|doctor|medic|physician|veterinarian|vet\b", "a white lab coat over a blue shirt"),
    (r"scientist|researcher|chemist|lab\b|professor", "a white lab coat and a grey turtleneck"),
    (r"detective|inspector|investigator", "a long dark trench coat over a grey shirt"),
    (r"police|officer\b|\bcop\b|guard\b|sheriff|warden", "a navy police uniform"),
    (r"pilot|captain|astronaut|navigator|sailor|ferry", "a white officer's uniform with a dark collar"),
    (r"chef|cook|baker|barista|waiter|waitress|bartender|butcher", "a white shirt and a flour-dusted apron"),
    (r"taxi|driver|courier|biker|racer|mechanic", "a worn brown leather jacket"),
    (r"engineer|technician|operator|programmer|hacker|coder", "a charcoal hoodie under an orange work jacket"),
    (r"librarian|bookseller|translator|archivist|teacher|tutor", "a moss-green cardigan over a cream blouse"),
    (r"wrestler|boxer|fighter|coach|athlete|dancer", "a faded red hoodie with the sleeves pushed up"),
    (r"fisher|fisherman|keeper|farmer|gardener|beekeeper", "a thick cream sweater and an olive jacket"),
    (
        r"lawyer|ceo|banker|tycoon|developer|heir|broker|director|executive|politician|judge|prosecutor",
        "a charcoal suit",
    ),
    (r"student|schoolboy|schoolgirl|pupil", "a navy school uniform"),
    (r"painter|artist|musician|pianist|violinist|singer|actor|actress", "a wine-red shirt and a loose black jacket"),
    (r"journalist|reporter|photographer|writer|novelist", "a denim shirt under a beige trench coat"),
    (r"soldier|general|knight|warrior|samurai", "a dark military uniform with a red sash"),
    (r"queen|princess|empress|king|prince|emperor|duke|duchess", "an embroidered royal robe"),
    (r"priest|monk|nun|sexton", "a plain black robe"),
)
CHILD = r"\b(?:boy|girl|child|kid)\b"
CHILD_AGE = "ten-year-old"
CHILD_CLOTHES = "a yellow raincoat"
RELATION = "{L}'s {role}"
