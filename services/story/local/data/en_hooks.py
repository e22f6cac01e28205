"""English hooks: how an episode ends without ending."""

from __future__ import annotations

TABLE = """
# H door
= Then someone knocks three times: [a signal|the old signal], and the only person who knew it is dead.
~ {L} and {F} freeze in {sub}; the handle goes down by itself, light falls across the floor.
F:afraid: Nobody knows that knock.
L:afraid: One person did. [She's|He's] dead.
F:afraid: Then who's at the door?

# H photo
= On the back of {clue} {L} finds fresh ink, two words long: {P} lied.
~ {L} turns {clue} over in {sub}; behind {L.him}, out of focus, {P} stops smiling.
P:neutral: What does it say?
L:neutral: Nothing. Just a date.
P:afraid: Then why won't you look at me?

# H call night
= At midnight the phone rings, and the voice that begs {L} for help is {L.his} own.
~ A ringing phone lights {sub} blue; {L} lifts it, and all colour leaves {L.his} face.
L:neutral: Who is this?
P:afraid: {L}? Why are you white?
L:afraid: That was me. How was that me?

# H arrival night
= And as the lights come back on, {A} is already sitting in {L}'s chair.
~ Darkness, a click, light: {A} sits at ease in {sub}, gloves on the table, {clue} in {A.his} lap.
A:happy: Close the door, {L}.
L:surprised: How did you get in?
A:neutral: Who do you think let me in?

# H missing
= When {L} turns round, {F} is gone; only one shoe is left on the stairs.
~ {L} runs back into {sub}; a lamp still swings. {P} lifts a single shoe by its lace.
L:afraid: {F}? {F}!
P:afraid: The door was locked. From inside.
L:angry: Then how did they take {F.him}?

# H gun
= But {P} does not lower the weapon, and it is not pointing at {A}.
~ A triangle in {sub}: {A} with raised hands, {L} between, {P}'s arm straight and trembling.
L:neutral: {P}. {A} is over there.
P:sad: I know where {A} is.
L:afraid: Then who are you aiming at?

# H return night
= And from the last bus steps the one person {L} buried with {L.his} own hands.
~ Headlights sweep {sub}; a figure steps down, collar up. {L} lets {clue} fall.
F:surprised: {L}, you're shaking. Who is it?
L:afraid: I carried that coffin.
F:afraid: Then who was in it?

# H clock
= The countdown on the wall should have stopped; it starts to run backwards, faster and faster.
~ Red digits race over {L}'s face in {sub}; {P} tears at the cables in vain.
P:afraid: I cut it! I cut everything!
L:afraid: It isn't counting to the end.
P:afraid: Then what is it counting to?

# H blood
= Only now does {L} notice the blood on {P}'s sleeve, and it is not {P}'s own.
~ {P} reaches for a glass in {sub}; the cuff slides back. {L} stops breathing.
L:neutral: Are you hurt?
P:neutral: No. Why?
L:afraid: Then whose blood is that?

# H door2
= {A} leans in and whispers one sentence, and {L} puts down {clue} and follows {A.him} out.
~ {A}'s mouth at {L}'s ear in {sub}; {F} sees {L}'s eyes change. The door swings to behind them.
F:afraid: {L}? Where are you going?
L:sad: Don't wait for me.
F:afraid: What did {A} tell you?

# H child
= Behind the false wall sits a child with {L}'s eyes, holding the other half of {clue}.
~ A panel gives way in {sub}; torchlight finds a small face, unafraid. {P} drops to {P.his} knees.
P:surprised: There are two halves.
L:tender: Who gave you this, little one?
P:afraid: {L}, why does that child have your eyes?

# H vote
= One hand goes up to betray {L}, then a second, and the third hand is {F}'s.
~ Raised hands against the light in {sub}; {L} looks along the row and stops at {F}.
L:surprised: Not you.
F:sad: They have my mother, {L}.
L:afraid: Who else do they have?

# H will
= The last line of the document names the true heir, and it is {A}'s enemy and {L}'s dearest friend: {F}.
~ {F} reads in {sub}, lips moving, then folds the page very small. {L} holds out a hand.
L:neutral: Read me the name.
F:afraid: I can't.
L:surprised: {F}, whose name is it?

# H message
= The message is from {P}, sent one hour ago; but {P} has been lying unconscious beside {L} since noon.
~ A phone buzzes on the floor of {sub}; {F} looks at the screen, then at {P}, motionless under a coat.
F:afraid: It's from {P}.
L:neutral: {P} is right here.
F:afraid: Then who is writing to us?
"""
