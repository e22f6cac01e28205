"""English word tables: names, roles, places, things and times that a premise may mention."""

from __future__ import annotations

FEMALE_NAMES = (
    "Mira Elena Sofia Maria Anna Clara Grace Nora Lena Ruth Ivy Hana Yuna Mei Lin Amara Zara Leila Priya Isla Ada Alice Emma "
    "Olivia Ava Mia Luna Chloe Lily Ella Rose Rosa Eva Iris Juno Nina Tessa Vera Maya Layla Sarah Hannah Kate Julia Juliet "
    "Jane Lucy Daisy Freya Esther Miriam Fatima Aisha Keiko Yuki Sakura Aiko Carmen Lucia Bianca Giulia Chiara Ingrid Astrid "
    "Saoirse Maeve Nadia Irina Katya Anya Noor Sana Zoe Stella Violet Hazel June Margaret Eleanor Beatrice Rhea Thea Wren"
).split()
MALE_NAMES = (
    "Leo Daniel Luca Marco Kai Noah Adam Omar Elias Jonas Theo Hugo Felix Ivan Mateo Diego Rafael Jin Min Ren Hiro Kenji Arjun "
    "Ravi Samir Tariq Jack Tom Thomas James John Henry Oliver Ethan Liam Owen Max Victor Sebastian Silas Caleb Gideon Marcus "
    "Julian Adrian Dorian Nico Paolo Enzo Romeo Dante Emil Anton Viktor Dmitri Sergei Kofi Kwame Malik Jamal Yusuf Hassan Ali "
    "Finn Declan Patrick Sean Rory Callum Ewan Otto Karl Hans Pierre Antoine Bruno Tomas Pedro David Ben Sam George William "
    "Edward Arthur Charles Frank Walter Robert Peter Paul Simon Oscar Axel Erik Lars Magnus Soren"
).split()
CAST_FEMALE = "Odile Marisol Tamsin Ilse Noemi Petra Salome Coralie Farah Delphine Ottilie Sunniva Calla Yara Linnea Imani".split()
CAST_MALE = "Bastian Corwin Idris Lucian Matthias Osric Stellan Tobias Emeric Ansel Cassius Leander Rurik Evander Joaquin Anders".split()
PET_NAMES = "Biscuit Pepper Clover Juniper Button Maple Thistle Pip Mosswick Tansy".split()

FEMALE_ROLES = set(
    "queen princess duchess empress widow mother grandmother sister daughter wife bride girl woman actress heiress waitress "
    "stepmother stepsister niece aunt maid nun witch girlfriend stewardess goddess countess mermaid matriarch lady".split()
)
MALE_ROLES = set(
    "king prince duke emperor widower father grandfather brother son husband groom boy man actor heir waiter stepfather "
    "stepbrother nephew uncle butler monk priest boyfriend wizard god count patriarch gentleman fisherman".split()
)
ROLES = (
    FEMALE_ROLES
    | MALE_ROLES
    | set(
        "detective chef baker doctor nurse surgeon lawyer judge journalist reporter teacher student professor scientist engineer "
        "architect painter artist singer pianist violinist cellist musician dancer ballerina writer novelist poet photographer "
        "soldier general captain pilot sailor fisher farmer gardener florist tailor seamstress barista bartender boxer fighter "
        "swordsman samurai knight assassin spy thief burglar hacker smuggler pirate gambler driver courier mechanic astronaut "
        "robot android ghost spirit demon vampire angel mayor president senator minister ceo billionaire tycoon banker boss manager "
        "secretary assistant intern apprentice rival enemy villain killer murderer traitor stranger orphan twin neighbor neighbour "
        "friend partner lover fiance fiancee fiancé fiancée ex landlord tenant guard bodyguard prisoner guide librarian archivist "
        "curator clockmaker watchmaker jeweler jeweller blacksmith carpenter beekeeper lighthouse-keeper keeper veterinarian "
        "veteran exile refugee warden sheriff cop policeman officer inspector agent commander navigator cook dressmaker translator "
        "idol trainee influencer streamer gamer developer coach swimmer skater runner athlete racer janitor cleaner maid nanny tutor".split()
    )
)
NEGATIVE_ROLES = set(
    "rival developer enemy villain killer murderer traitor boss tycoon ceo stepmother stepsister stepbrother stepfather demon tyrant "
    "warden smuggler landlord pirate banker gangster mobster warlord dictator kidnapper impostor imposter blackmailer thief".split()
)
TITLES = set(
    "Dr Doctor Captain Detective Princess Prince King Queen Professor Inspector General Lord Lady Sir Mr Mrs Ms Miss "
    "Madame Count Countess Duke Duchess Emperor Empress Chef Agent Officer Judge Commander Father Sister Brother".split()
)
SPECIES = set(
    "cat kitten dog puppy fox rabbit hare bear wolf tiger lion lioness panda horse pony crow raven owl sparrow swan duck goose "
    "hedgehog squirrel otter seal whale dolphin turtle tortoise frog deer stag mouse rat hamster parrot penguin elephant monkey "
    "dragon badger raccoon goat sheep donkey hen rooster corgi husky beaver".split()
)
PLACE_NOUNS = set(
    "lighthouse hospital village palace school harbor harbour port island castle bakery restaurant hotel theater theatre museum "
    "library station prison temple church monastery forest mountain valley desert farm vineyard orchard market bookshop bookstore "
    "cafe café diner bar nightclub casino bank university academy mansion manor estate cottage cabin lake river bay beach "
    "spaceship starship moon mars colony laboratory lab factory warehouse garage studio court courthouse opera ballroom inn "
    "tavern teahouse garden rooftop shelter subway train ship ferry submarine airport bridge tower kingdom town city capital clinic "
    "orphanage greenhouse circus ranch arena gym rink stadium newsroom penthouse basement attic cemetery graveyard wharf pier".split()
)
PLACE_ENDINGS = set(
    "City Town Village Street Avenue Road Lane Square Bay Harbor Harbour Port Island Isle Castle Palace Hotel School Academy "
    "University Hospital Station Mountain Valley Lake River Forest Park Bridge Tower Hall House Manor Mansion Market Cafe Café "
    "Bakery Restaurant Theatre Theater Opera Museum Library Prison Abbey Cathedral Church Temple Beach Point Cove Hills Heights "
    "Creek Falls Quarter District Kingdom Empire Colony Moon Base Ridge Hollow Wood Woods Pier Wharf".split()
)
CITIES = set(
    "Paris London Rome Naples Venice Milan Florence Lisbon Porto Madrid Barcelona Berlin Vienna Prague Budapest Warsaw Moscow "
    "Istanbul Cairo Marrakesh Casablanca Lagos Nairobi Mumbai Delhi Kolkata Bangkok Hanoi Saigon Manila Jakarta Singapore Tokyo "
    "Kyoto Osaka Seoul Busan Shanghai Beijing Taipei Sydney Melbourne Auckland Toronto Montreal Vancouver Chicago Boston Brooklyn "
    "Manhattan Harlem Seattle Dallas Miami Denver Havana Rio Lima Bogota Santiago Oslo Stockholm Copenhagen Helsinki Reykjavik "
    "Dublin Edinburgh Glasgow Athens Mars Europe America Texas California Alaska Iceland Ireland Scotland Italy France Spain "
    "Japan Korea China India Egypt Greece Norway".split()
)
THINGS = set(
    "letter letters ring recipe map sword necklace diary ledger painting violin piano watch clock locket key photograph photo "
    "camera phone tape recording contract will crown jewel diamond jade pearl bracelet brooch scarf coat dress mask mirror book "
    "manuscript notebook journal song melody poem medal gun knife dagger bottle wine vase statue coin treasure gold money lottery "
    "ticket passport suitcase box music-box umbrella bicycle car boat compass lantern lamp seed bell doll teapot cup algorithm "
    "formula vaccine serum chip drive code portrait film script heart soul memory debt fortune inheritance throne".split()
)
TIME_WORDS = (
    "midnight",
    "dawn",
    "winter",
    "summer",
    "spring",
    "autumn",
    "christmas",
    "new year's eve",
    "wedding",
    "funeral",
    "war",
    "medieval",
    "victorian",
    "future",
    "ten years",
    "five years",
    "twenty years",
    "seven days",
    "one night",
    "last night",
)
STOP = set(
    "A An The This That These Those When While After Before Until Since As If Although Though But And Or So Yet For In On At To "
    "From With Without By Of Into Over Under Between During Once Now Then Here There One Two Three Four Five Six Seven Eight Nine "
    "Ten He She It They We You I His Her Its Their My Your Our Who What Where Why How Which Everyone Someone Nobody Everybody "
    "Each Every All Both Some Many Most Any No Not Only Just Even Still Forced Betrayed Torn Set Write Make Create Please Drama "
    "Story Episode Episodes Romance Comedy Thriller Revenge Love Forbidden Secret Hidden Lost Found Young Old Poor Rich Retired "
    "Famous Brilliant Lonely Stray Modern Ancient Haunted Years Days Deep Far Somewhere Based Inspired Monday Tuesday Wednesday "
    "Thursday Friday Saturday Sunday January February March April May June July August September October November December "
    "Christmas Easter Halloween English Chinese Korean Japanese French Italian Spanish German Russian American British Irish AI "
    "God CEO FBI CIA TV Dr Mr Mrs Ms Her Him Them Can Will Must Does Is Are Was Were Has Have Had Do Did".split()
)
ADJECTIVES = set(
    "young old retired famous brilliant lonely stray poor rich ruthless cold gentle shy proud blind deaf orphaned disgraced failed "
    "runaway secret mysterious clever brave timid loyal jealous widowed divorced ambitious humble talented cursed exiled small tiny "
    "grumpy lost abandoned wounded undercover amnesiac former night junior senior female male legendary rookie struggling dying "
    "immortal masked silent penniless wealthy powerful arrogant kind stubborn single country royal forgotten ginger black white red "
    "grey gray three-legged one-eyed street little stolen antique ancient haunted broken hidden unfinished missing golden silver "
    "rusty family sunken cracked burnt torn locked priceless crumbling ruined sleepy seaside remote floating snowy foggy opera jazz "
    "pastry sushi homeless homicide police lighthouse navy army village palace hotel school animal ice figure taxi".split()
)
