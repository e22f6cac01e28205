"""English parts: looks, voices, settings, light, camera, titles and the sentence patterns of prompts."""

from __future__ import annotations

from services.story.local.data.en_rooms import SETTINGS as SETTINGS
from services.story.local.data.words_en import CAST_FEMALE, CAST_MALE, PET_NAMES
from services.story.local.data.words_en import FEMALE_ROLES as _FEMALE_ROLES

FEMALE = tuple(CAST_FEMALE)
MALE = tuple(CAST_MALE)
ELDERS = ("Old Benno", "Aunt Perpetua", "Mr Halloran", "Sister Agathe", "Uncle Tibor", "Mrs Quill", "Granny Oda")
PETS = tuple(PET_NAMES)
PET_SPECIES = ("sparrow", "hedgehog", "old crow", "rat", "terrier", "barn owl")
FEMALE_ROLES = frozenset(_FEMALE_ROLES)
DEFAULT_ROLES = {
    "L": ("night-shift translator", "piano tuner", "court stenographer", "map maker", "ferry pilot"),
    "P": ("stranger with a borrowed coat", "former medic", "travelling photographer", "harbour mechanic"),
    "F": ("loyal friend", "neighbour with a spare key", "street musician", "bookseller", "radio operator"),
}
DRIVES = {
    "L": (
        "{he} keeps every promise but the ones to {his} own heart",
        "{he} would rather break than bend, and is close to breaking",
        "{he} has learned to live small and is about to stop",
    ),
    "P": (
        "{he} wants to be forgiven before {he} is found out",
        "{he} laughs first and explains never",
        "{he} is the only one who can make {L} hesitate",
    ),
    "A": (
        "{he} stands against {L} with perfect manners and no mercy",
        "{he} stands against {L} and believes {he} is the hero of it",
        "{he} stands against {L} because losing once was enough",
    ),
    "F": (
        "{he} jokes when afraid and is very funny this week",
        "{he} would follow {L} anywhere and complain all the way",
        "{he} remembers every face and every debt",
    ),
    "W": (
        "{he} has carried one secret too long",
        "{he} knows what happened and what silence costs",
        "{he} speaks rarely and is always right too late",
    ),
}
LOOKS = {
    "hair_f": (
        "long black hair in a ponytail",
        "a chin-length black bob",
        "long wavy brown hair",
        "black hair pinned up in a bun",
        "straight black hair with bangs",
        "long black hair in two braids",
        "curly red hair",
        "short blonde hair",
    ),
    "hair_m": (
        "messy black hair",
        "slicked-back black hair",
        "short brown hair and stubble",
        "a black crew cut",
        "wavy black hair",
        "curly black hair and a short beard",
        "tousled blond hair",
        "ginger hair and freckles",
    ),
    "hair_old_f": ("grey hair in a bun", "white hair in a long braid", "short grey hair"),
    "hair_old_m": ("grey hair and a moustache", "a bald head and a white beard", "thinning grey hair"),
    "clothes_f": (
        "a long mustard coat",
        "a slate-blue work jacket with rolled sleeves",
        "a wine-red dress under a man's overcoat",
        "an ivory suit without a crease",
        "a patched green cardigan",
        "a high-collared black dress",
    ),
    "clothes_m": (
        "a worn navy pea coat",
        "a charcoal three-piece suit",
        "an oil-stained canvas jacket",
        "a cream knit jumper with one elbow darned",
        "a long dark trench coat",
        "a faded denim shirt",
    ),
    "mark": (
        "a small scar through the left eyebrow",
        "round wire-rimmed glasses",
        "a silver ring on a chain",
        "a silver pendant",
        "a mole under one eye",
        "one black glove that never comes off",
    ),
    "coat": (
        "bright amber eyes, one torn ear and a red scarf",
        "soft grey markings and a bell that has lost its clapper",
        "a scruffy coat and a very dignified walk",
        "a white blaze on the chest and mud to the knees",
        "dark glossy colouring and a knowing tilt of the head",
    ),
    "age": ("29 years old", "34 years old", "31 years old", "26 years old", "42 years old", "39 years old"),
    "age_old": ("66 years old", "71 years old", "68 years old"),
}
DESCRIPTION = "{name}, {role}, {age}; {hair}, {clothes}, {mark}. {drive}."
ANIMAL_DESCRIPTION = "{name}, {role}; always drawn as a {species}, with {coat}. {drive}."
VOICE = "Tone: {tone}; pitch: {pitch}; pace: {pace}; accent: {accent}; emotional quality: {emotion}; speaking style: {style}."
VOICES = {
    "tone": (
        "warm and slightly husky",
        "clear as glass",
        "velvety with a cold edge",
        "rough and friendly",
        "thin, papery and dry",
        "bright and a little breathy",
    ),
    "pitch_f": (
        "low mezzo",
        "middle register",
        "deep contralto",
        "light soprano",
        "low and cracked with age",
        "medium-high",
    ),
    "pitch_m": ("low baritone", "medium tenor", "deep bass", "light tenor", "low and gravelled with age", "mid-range"),
    "pace": (
        "unhurried, with long pauses",
        "quick, running ahead of the thought",
        "measured, every word placed",
        "brisk and clipped",
        "very slow, as if counting",
        "uneven, rushing when moved",
    ),
    "accent": (
        "neutral with a soft coastal lilt",
        "city accent, consonants bitten off",
        "polished boarding-school accent",
        "light working-class accent",
        "old country accent",
        "neutral, trace of another mother tongue",
    ),
    "emotion": (
        "guarded grief that warms by degrees",
        "restless hope",
        "controlled menace under courtesy",
        "nervous good humour",
        "tired tenderness",
        "stubborn courage",
    ),
    "style": (
        "short plain sentences, no ornaments",
        "teasing questions instead of answers",
        "formal phrases, never interrupts",
        "half-finished sentences and jokes",
        "proverbs and silences",
        "says exactly what is meant, once",
    ),
}
TIMES = (
    "dawn|dawn|pale window light, muted colours",
    "day|early morning|thin white light and a little mist",
    "day|noon|hard light, short black shadows",
    "day|late afternoon|low golden sun with long shadows",
    "day|a grey morning|soft flat light, low saturation",
    "night|dusk|amber street light and wet reflections",
    "night|blue hour|cold blue light, one warm window",
    "night|night|soft lamplight with floating dust",
    "night|past midnight|moonlight through slats and deep shadow",
    "dawn|first light|low warm sun, glowing outlines",
)
MOODS = (
    "The air tastes of rain.",
    "Nobody breathes out.",
    "Somewhere a tap drips, very loud.",
    "It is the quiet before a verdict.",
    "A clock ticks where no clock should be.",
    "Tenderness, with a knife under it.",
    "Cold colours, hot faces.",
    "Dust turns slowly in the beam.",
    "Every shadow seems to lean closer.",
    "The silence has a pulse.",
    "Dread, patient and polite.",
    "Far away, a train decides not to stop.",
    "Even the wind waits.",
    "The whole picture holds still but for one trembling hand.",
    "A single petal sticks to the wet floor.",
)
FRAMINGS = (
    "medium close-up, faces in the upper third",
    "low-angle full figures, strong verticals",
    "over-the-shoulder shot with shallow focus",
    "tight two-shot, half bodies",
    "high angle down a tall narrow space",
    "close-up of hands, faces soft behind",
)
CAMERAS = (
    "Slow push-in",
    "Handheld follow from behind, then a hold",
    "Quarter orbit around the two",
    "Crane down from the ceiling to eye level",
    "Rack focus from the object to the face",
    "Slow pull-back that reveals the room",
    "Static frame, then one sudden whip pan",
)
SCENE = "{place}, {time}. {summary} {action} {mood}"
IMAGE = (
    "Vertical 9:16 still, anime style. {place}, {sub}, {time}. {who} {action} Lighting: {light}. Framing: "
    "{framing}. No text in the picture."
)
VIDEO = "Vertical 9:16 clip, anime style, 10 seconds. {camera}. {place}, {time}: {action} Spoken lines: {says}"
SAYS = '{name} ({emotion}): "{text}"'
TITLES = {
    "first": (
        "The One Who Knocked",
        "A Seat Already Taken",
        "{Clue}",
        "First Lie",
        "Nobody Asked {L}",
        "The Last Quiet Day",
        "What Washed In",
        "An Invitation for {L}",
    ),
    "middle": (
        "Every Door but One",
        "{A} Smiles",
        "What {W} Saw",
        "The Price of {P}",
        "Under the Floor",
        "Two Cups, One Poisoned",
        "The Wrong Silence",
        "{F} Runs",
        "Half a Photograph",
        "Closer Than {A}",
        "The Longest Staircase",
        "Names Crossed Out",
        "A Kindness with Teeth",
        "Stay Where I Can See You",
        "The Night It Rained Inside",
        "Unsaid",
    ),
    "last": (
        "All the Lamps at Once",
        "{L} Does Not Run",
        "What Was Owed",
        "The Door, Opened",
        "Say My Name",
        "The Morning After Everything",
        "Nothing Left to Hide",
    ),
}
LOGLINES = (
    "Now {L} has to {goal}, but {A}, {A.role}, is one step ahead and {P} is not telling everything. If {L} fails, {stake}.",
    "To {goal}, {L} must trust {P}, who has every reason to lie, while {A}, {A.role}, closes one door after another. At "
    "stake: {stake}.",
    "With {clue} in hand and {P} hiding something, {L} has to {goal}. {A}, {A.role}, is already on the move, and if {L} "
    "fails, {stake}.",
    "{A}, {A.role}, wants {matter} forgotten. {L} means to {goal}, whatever it costs {P}; otherwise {stake}.",
)
ALSO = "{names} cross their path as well."
EMOTION_WORDS = {e: e for e in ("neutral", "happy", "sad", "angry", "afraid", "surprised", "tender", "determined")}
HERE = "the old quarter"
ANTAGONIST = r"stands against|antagonist|villain|\brival\b|\benemy\b|nemesis|ruthless|tyrant|villainess"
AGAINST = (
    r"(?:against|by|before|stop|expose|defeat|escape|flees?|from|stolen by) (?:(?:the|her|his|their|a|[a-z]+) ){0,3}NAME\b",
    r"NAME(?: \w+)? (?:wants to destroy|tears|destroys|betrays|betrayed|steals|stole|threatens|kills|killed|frames|framed)",
)
WARM = (
    "It feels like the last warm evening of the year.",
    "Hope comes in sideways, like light under a door.",
    "Somewhere bread is baking.",
    "A bird tries one note, then another.",
    "The light rests on their shoulders like a hand.",
)
UNFIT = {
    "old": r"smartphone|countdown|screen|recording|video|digits|camera|message|phone lights|file|cables|airlock",
    "ancient": (
        r"phone|countdown|screen|recording|video|digits|camera|message|photograph|bus|train|police|bank|clerk|"
        r"weapon|headlights|torch|cables|film|frame by frame|flicker|ticket|key card|trophy|arrested|van\b|concrete|"
        r"notice|button|tram|coat pocket|suit\b|denim|spectacles|cap\b|lift|car\b|driving"
    ),
    "animal": (
        r"finger|photograph|sleeve|weapon|phone|sign|hand\b|hands|note|list|glass|glove|coffin|married|document|"
        r"raised|shoe|arrest|parcel|toast"
    ),
}
ANCIENT = r"medieval|samurai|knight|kingdom|emperor|empress|ancient|sword|pirate|viking|dynasty|shogun|roman legion"
OLD = r"victorian|19[0-4]\ds?|18\d\d|edwardian|wartime|world war"
LOVERS = r"lover|beloved|sweetheart|fianc|husband|wife|bride|groom"
KIN = frozenset(("daughter", "son", "child", "girl", "boy"))
ALSO_PLACES = "The trail leads through {places}."
SUBJECT = "{L}, {who},"
MATTER_TITLES = (
    "The {role} and the {Matter}",
    "What the {Matter} Kept",
    "After the {Matter}",
    "{L} and the {Matter}",
    "All That the {Matter} Took",
    "The {Matter} Remembers {L}",
)
PLACE_TITLE = "The {role} of {Place}"
