# ruff: noqa: E501
"""English verbs that a premise turns on, and the small words that tell where one stands."""

from __future__ import annotations

from services.story.local.data import words

VERBS = frozenset(
    words("""
accepts adopts agrees arrives asks awakens battles becomes befriends begins believes betrays bets breaks brings builds buries
buys calls cannot carries catches chases claims collects comes competes confronts cooks cures dances decides defends delivers
denies dies digs discovers disguises dreams drives enters escapes exposes faces falls fakes fights finds flees follows forges
forgets forgives gains gets gives goes guards guides has hears helps hides hires holds hunts infiltrates inherits investigates
invites joins keeps kidnaps kills knows leads leaps learns leaves lets lies lives loses loves makes marries meets moves must
needs notices offers opens overhears paints pays picks plans plays poses pretends promises protects proves pulls races raises
reaches reads realises realizes rebuilds receives recognises recognizes refuses rejects remembers repairs rescues returns reveals
risks robs runs sails saves searches seeks sees sells sets sews sings sneaks solves speaks spends stands starts stays steals
stops struggles stumbles survives swaps takes talks teaches tells tends tracks trades trains travels tries turns uncovers
uses vows waits wakes walks wants warns watches wins wishes witnesses works writes is was can could may might should will would
found lost won fell came went took fought discovered returned saw met became began gave made learned received inherited woke
stole saved heard kept left
""")
)
DETERMINERS = frozenset(
    words("a an the her his their its every each another this that these those some any no all both")
)
STOPPERS = DETERMINERS | frozenset(
    words("""
in on at from to of for with by into onto over under between among through behind beside before after until across against near
inside outside around without about during since and or but who whom whose that which where when while as than if because so
he she it they we you i him them is are was were be been must can will has had have not only again back away home up down out
ago once alone together one two three four five six seven eight nine ten
""")
)
PEOPLE = frozenset(
    words(
        "man woman men women people crew passengers passenger someone somebody nobody family child children "
        "strangers crowd customers guests villagers couple group team pair parents ones one"
    )
)
PERSON_ENDINGS = (
    "er",
    "or",
    "ist",
    "ian",
    "ant",
    "ess",
    "man",
    "woman",
    "eer",
    "smith",
    "keeper",
    "mate",
    "child",
    "kid",
    "teen",
)
VAGUE = frozenset(
    words(
        "love life time night day year years way thing things truth past secret fact place name hand hands end "
        "death world week month hour hours morning midnight story help job chance order trouble dark future moment part side work "
        "fight battle danger revenge justice identity side sleep voice voices men town city village dead rest seat front back wrong right love accident same only new old"
    )
)
