"""English beats: episode summary, picture and lines for each step of a story."""

from __future__ import annotations

TABLE = """
# S arrival
= {L}, {L.role}, comes to {sub} {at} with one bag, one promise and no plan B.
~ {L} stands still in the [doorway|half-light|draught], bag in hand, [counting the exits|breathing in the smell
  of the place|listening to the silence]; {F} watches from behind a [counter|curtain|cold lamp].
F:surprised: You. Here. [After everything?|Of all days?]
L:determined: I'm not here to [rest|explain|say sorry].
F:afraid: Then you're here for {A}.

# S morning day
= Every morning {L}, {L.role}, does the same small things in the same order {at}; today the order breaks.
~ Close on {L}'s hands at work in {sub}; a [cup|glass|bowl] trembles before anyone hears the footsteps. {F}
  rushes in, out of breath.
F:afraid: Don't go out. [They're asking for you.|It has started.]
L:neutral: Who is asking?
F:afraid: {A}. By name.

# S crowd
= {L} is {L.role} nobody looks at twice {at}, and {L.he} prefers it so; {A} is the one everybody looks at.
~ A crowd parts for {A} in {sub}; behind it {L} lowers {L.his} eyes a moment too late. Their looks meet.
A:neutral: Have we [met|spoken|danced]?
L:afraid: No. [I'd remember.|You'd remember.]
A:happy: Everyone does.

# S bargain
= {L}, {L.role}, has three coins, a leaking roof {at} and a rule: never owe {A} anything.
~ {L} counts coins on a wooden table in {sub}; {F} slides one more across, ashamed. Rain drums on the roof.
F:sad: It's all I have left.
L:tender: Keep it. [I'll manage.|You eat first.]
F:afraid: {A} came by. {A.he} knows.

# S vow night
= Once a year {L}, {L.role}, goes back to {sub} {at}, lights a candle and swears the same oath.
~ One candle, two faces in the glass: {L}'s, and behind it {W}'s, older, unmoving.
W:sad: Another year, and you still come.
L:determined: Until I [know the truth|keep my word].
W:afraid: Then this is the year.

# I incite
= {incite}
~ In {sub}, {L} turns [slowly|too fast], {clue} between {L.his} fingers; {P} steps into the light, and the
  noise of the room drops away.
P:surprised: Where did you get that?
L:afraid: It was [left for me|waiting here|on my doorstep].
P:determined: Hide it. Now. Don't run.

# I stranger
= {incite} Before {L} can think, {P} takes {L.his} arm as if they had known each other for years.
~ {P} pulls {L} into the shadow of {sub}; their breath is the only thing that moves.
P:afraid: Smile. We're being watched.
L:angry: I don't know you.
P:neutral: You will. [Keep walking.|Left. Now.]

# I witnessed
= {incite} {F} saw it too, and begs {L} to forget; {L} cannot.
~ {F} blocks the way out of {sub} with both arms; {L} holds up {clue} between them.
F:afraid: We saw nothing. Say it.
L:determined: I saw everything.
F:sad: Then we're both lost.

# I offer
= {incite} The same evening {A} makes {L} an offer too generous to be honest.
~ {A} pours two glasses in {sub} and drinks from neither; {L} stays standing.
A:happy: Name your price.
L:angry: For what?
A:neutral: For [looking away|your memory|a quiet life].

# C follow
= {L} follows {A} to {place2}, and sees {A.him} meet someone who should not be there.
~ Through a [rain-streaked window|gap in the boards|row of hanging coats] {L} and {P} watch two shadows shake
  hands.
P:surprised: I know that face.
L:determined: So do I. [From the photograph.|From the funeral.]
P:afraid: Down! {A.he}'s looking.

# C bargainkey night
= {W} will talk, but only {at}, only at night, and only if {L} brings {clue}.
~ {W} sits with {W.his} back to the wall of {sub}; a lamp between them, {L}'s hand over {clue}.
W:afraid: Were you followed?
L:neutral: No. Talk.
W:sad: Every word costs me [a friend|a year of sleep].

# C trap
= A message in {P}'s hand leads {L} straight into {A}'s trap.
~ {L} pushes open the door of {sub}: empty, one chair, one ringing phone. The bolt slides shut behind {L.him}.
L:surprised: {P}? [Are you there?|This isn't funny.]
A:happy: {P} sends regrets.
L:angry: What have you done to {P.him}?

# C quarrel
= {L} and {P} quarrel over {clue}, and say the things that cannot be unsaid.
~ {L} and {P} face each other across {sub}; something falls and breaks between them, and neither looks down.
P:angry: You'd burn us all for {clue}.
L:angry: And you'd [bury|sell] it.
P:sad: I'd keep you alive.

# C training
= {W} teaches {L} the one thing {A} has never learned: to wait.
~ {W} [ties a cloth over {L}'s eyes|sets a single cup on {L}'s palm|blows out the lamp] in {sub}; silence, then
  one precise movement.
W:neutral: Again. Slower.
L:angry: There's no time!
W:tender: That's what {A} wants you to think.

# C visit
= {A} comes to {L}'s door with flowers, good advice and a warning.
~ {A} sets white flowers on the table in {sub} and straightens them, petal by petal. {L} does not sit.
A:neutral: {threat_line}
L:determined: You came yourself. So you're scared.
A:angry: Enjoy the flowers.

# C kindness night
= For one hour {L} and {P} forget {A}; they share bread {at}, and almost say it.
~ {L} and {P} sit shoulder to shoulder in {sub}, steam rising from one bowl, city noise far below; warm light.
P:tender: When this is over, [what will you do?|where will you go?]
L:happy: Sleep. Then eat this again.
P:tender: With me?

# C list
= {F} finds a list of names in {A}'s papers; {L}'s name stands last, and every name above it is crossed out.
~ {F} spreads the page on the floor of {sub}, a torch in {F.his} teeth; {L} kneels beside {F.him}.
F:afraid: All of them. Gone.
L:afraid: And the last one?
F:sad: You know the last one.

# C swap
= {L} swaps {clue} for a copy under {A}'s nose, and gets out with seconds to spare.
~ Two hands, two identical parcels, one passing tray in {sub}; {A} turns round just as {L} straightens {L.his}
  sleeve.
A:surprised: You're shaking.
L:happy: Cold hands. Bad habit.
A:neutral: Let me walk you out.

# C rumor day
= Overnight the whole of {place} turns its back on {L}: {A} has told them a story, and it is a good one.
~ Shutters close one by one as {L} walks past {sub}; a child is pulled indoors. Only {F} stays in the street.
L:sad: Do you believe it too?
F:tender: I believe [the one who fed me|my own eyes].
L:tender: Then I'm not alone.

# C mask night
= To get close to {A}, {L} takes a place at {A.his} table, and has to laugh at {A.his} jokes.
~ Candlelight, silver, too many glasses in {sub}; {L} smiles while {L.his} knuckles whiten under the table.
A:happy: To loyal friends.
L:neutral: To [the truth|old debts].
A:surprised: What an odd toast.

# C chase
= {A}'s people chase {L} and {P} through {place2}, and only one of the two roads leads out.
~ Running feet, swinging lamps; {L} and {P} squeeze into a gap in {sub}, hands over each other's mouths.
P:afraid: Left or right?
L:determined: [Up.|Neither. Down.]
P:surprised: You're mad. I love it.

# C code
= The mark on {clue} is a date, and the date is tonight.
~ {L} holds {clue} to a flame in {sub}; thin writing comes up out of nothing. {F} reads over {L.his} shoulder.
F:surprised: It's a date.
L:afraid: It's today.
F:afraid: Where does one even begin?

# M truth
= {W} finally says it aloud: {secret}.
~ {W}'s hands shake in {sub}; {L} takes a step back until the wall stops {L.him}. Dust hangs in the light.
W:sad: {secret_line}
L:surprised: Say that again.
W:afraid: Not louder. They're listening.

# M paper
= Behind the lining of the box that held {clue} {L} finds a folded page, and with it the truth: {secret}.
~ A seam is cut in {sub}; a yellowed page slides out. {F} reads, and stops reading. {L} already knows.
F:surprised: {secret_line}
L:sad: All these years.
F:tender: [Breathe.|Sit down.] Please.

# M overheard
= Hidden {at}, {L} overhears what nobody was meant to hear: {secret}.
~ {L} crouches in the dark of {sub}, a line of light across {L.his} eyes; on the other side {W} pleads with {A}.
W:afraid: {L} has a right to know!
A:angry: {L} has a right to nothing.
L:surprised: So it's true.

# M film night
= {F} restores the damaged record frame by frame, until it shows what was cut: {secret}.
~ Blue flicker on two faces in {sub}; the image sharpens, freezes. {L}'s hand finds the table edge.
F:afraid: {secret_line}
L:angry: Play it again.
F:sad: It won't change.

# M reunion
= {L} confronts {W} {at}, and the old silence breaks at last: {secret}.
~ {L} bars the door of {sub}; {W} sinks on to a step and covers {W.his} face.
L:angry: Look at me and lie again.
W:sad: {secret_line}
L:sad: And you let me live with it.

# R confession
= {P} tells {L} before someone else does: {secret2}.
~ {P} puts everything {P.he} owns on the floor of {sub} between them and does not come closer. {L} turns
  {L.his} face to the window.
P:sad: {secret2_line}
L:angry: Get out.
P:tender: [I'd do anything to undo it.|Hate me. But listen.]

# R exposed
= {A} smiles and lets {L} find out the worst of it: {secret2}.
~ {A} lays one photograph on the table of {sub}; {P} closes {P.his} eyes. {L} looks from one to the other.
A:happy: Go on. Ask {P.him}.
L:afraid: Tell me it's a lie.
P:sad: {secret2_line}

# R switch
= {F} is arrested for what {A} did, and the only alibi is {P}'s secret: {secret2}.
~ Blue light turns over the walls of {sub}; {F} is led past with bound hands, looking back at {L}.
F:afraid: It wasn't me! Tell them!
P:sad: {secret2_line}
L:angry: You let them take {F.him}?

# R cage
= The safe house was never safe; {L} understands too late that {secret2}.
~ Every lamp in {sub} goes on at once; {P} stands by the switch, unable to look up.
L:surprised: You locked the door.
P:sad: {secret2_line}
L:sad: I trusted one person. One.

# D loss
= {A} strikes: {threat}. {L} is left alone with what remains.
~ Smoke, or fog, drifts through {sub}; {L} sits on the ground with what is left of {clue}. {A} speaks without
  raising {A.his} voice.
A:neutral: {threat_line}
L:sad: You've already taken everything.
A:happy: Not yet.

# D grave dawn
= {L} wants to give up; at the lowest hour {W} comes and sits beside {L.him}, and does not comfort {L.him}.
~ Two backs on a stone bench in {sub}, first grey light; {W} places {clue} between them.
L:sad: I can't win this.
W:neutral: No. But you can finish it.
L:tender: You sound like {F}.

# D letter dawn
= {P} is gone in the morning, and the note says only: don't follow. Meanwhile {threat}.
~ An unmade bed, an open window in {sub}; {L} reads the note twice, and the wind takes it. {F} stands at the
  door.
F:sad: {P.he} left before dawn.
L:angry: {P.he} went to {A}.
F:afraid: Alone? {L}, that's suicide.

# D verdict
= Nobody {at} will stand up for {L}; and {threat}.
~ Rows of lowered eyes in {sub}; {L} in the middle, {A} in the high chair, smiling at {A.his} nails.
A:happy: Will nobody speak?
F:afraid: I will. I'm shaking, but I will.
A:angry: Sit down!

# X climax
= {climax}
~ Everything stops in {sub}: {L} one step from {A}, {clue} raised in the light, {P} behind {L.him}.
A:angry: You wouldn't dare.
L:determined: {climax_line}
P:surprised: Look. Everyone's listening.

# X price
= To reach {A}, {L} has to give up {clue}; {L.he} does it without blinking. {climax}
~ {clue} lies on the floor of {sub} between {L} and {A}; a long low shot, two shadows, no one bends down first.
A:happy: You came with empty hands.
L:determined: {climax_line}
A:afraid: Wait. What have you done?

# X ally
= At the very last moment {P} changes sides in front of everyone. {climax}
~ {P} crosses the floor of {sub} from {A}'s side to {L}'s, slowly, as if wading; {A}'s smile goes out.
A:angry: {P}! Come back here.
P:determined: No. [Never again.|I'm home.]
L:determined: {climax_line}

# X count
= The clock runs out, and {L} does not run. {climax}
~ A clock hand, a bead of sweat, {L}'s steady eyes in {sub}; {F} counts under {F.his} breath.
F:afraid: Ten seconds, {L}!
L:determined: {climax_line}
A:surprised: Impossible.

# E ending dawn
= {ending}
~ First sun over {sub}; {L} closes {L.his} eyes and lets it warm {L.his} face, {P} one step behind.
P:tender: Is it over?
L:happy: {ending_line}

# E table
= {ending} {F} laughs for the first time since it began.
~ A table in {sub}, mismatched cups, everyone talking at once; {L} at the end, quiet, taking it in.
F:happy: Say something, {L}!
L:tender: {ending_line}
F:happy: That's all? After that?

# E road
= {ending} And {W} goes home {at} with a lighter step.
~ {W} raises a hand at the corner of {sub}; {L} and {P} watch until {W.he} is only a coat in the distance.
W:tender: You kept your word, child.
L:tender: {ending_line}

# E last day
= {ending} {at}, people still lower their voices when they tell it.
~ {sub} a season later, new light, the same window; {L} sets {clue} on the sill and turns it to the sun.
P:happy: You kept it after all.
L:happy: {ending_line}

# C silence
= Somebody pays {W} every month to forget {matter_long}; this month the envelope carries {A}'s seal.
~ {W} pushes an unopened envelope across a table in {sub}; {L} does not touch it.
W:sad: I never spent a coin of it.
L:angry: But you kept quiet.
W:afraid: I have a family too, child.

# C newsman
= When {L} asks about {matter}, every door {at} closes; only {F} leaves one ajar.
~ {F} holds a door open a hand's width in {sub}; {L} slips through sideways, soaked from the rain.
F:afraid: Were you seen?
L:neutral: Only by {A}'s people.
F:surprised: Only! Get in, quick.

# C twoversions
= There are two stories about {matter_long}: the one {A} tells, and the one {P} will not finish telling.
~ {P} stops in the middle of a sentence in {sub} and looks away; {L} waits, arms crossed.
L:neutral: Finish the sentence.
P:sad: You won't look at me the same way.
L:determined: Try me.

# C copycat night
= Somebody has got to {matter} before {L}; what is left {at} has been wiped clean, and the air still smells of {A}.
~ {L} draws one finger over a dustless shelf in {sub}; {P} keeps watch at the door.
L:surprised: Not even dust.
P:afraid: They were here an hour ago.
L:angry: Somebody told them we were coming.

# D blamed
= By evening {A} has made {L} the villain of {matter_long}, and {threat}.
~ Torn paper drifts through {sub}; {L} reads {L.his} own name on every piece. {A} watches from the stairs.
L:sad: They believe every word of it.
A:happy: People like a simple story.
L:angry: Then I'll tell them a true one.

# D nothingleft dawn
= Everything that still spoke of {matter} is gone by morning, and {threat}.
~ Empty drawers, an open gate, grey light in {sub}; {L} stands where it all used to be, {F} beside {L.him}.
F:sad: It's all gone, {L}.
L:sad: Not all. I remember it.
F:afraid: Then you're the next to go.

# M shown
= The trail of {matter_long} ends where it began, and there {W} is waiting: {secret}.
~ {W} sits in {sub} as if {W.he} had never left it; {L} stays on {L.his} feet, breathing hard.
L:determined: You know how it happened.
W:sad: {secret_line}
L:surprised: And nobody ever asked you?

# X named
= In front of everyone {L} says aloud what happened with {matter}. {climax}
~ {L} climbs on to a chair in {sub} so that the last row can see; {A} is already on the way to the door.
A:angry: Stop {L.him}, somebody!
L:determined: {climax_line}
F:happy: Let {L.him} finish!

# I ev_told
= {incite}
~ {L} stands very still in {sub}, one hand over {L.his} mouth; {F} sees {L.his} face and puts down what {F.he} was
  carrying.
F:surprised: You look as if you'd seen a ghost.
L:afraid: It's about {matter}. Sit down.
F:afraid: Who else knows?

# I ev_proof
= {incite}
~ {L} lays everything out on the floor of {sub} in one long row; {P} bends over it and stops smiling.
L:surprised: Look at this, and tell me I'm wrong.
P:afraid: I can't. It really is {matter}.
L:determined: Then somebody lied to all of us.

# I ev_denied
= {incite} And when {L} tells {A}, {A.he} already knows.
~ {A} goes on writing in {sub} without looking up; {L} plants both hands on the desk.
L:angry: Ask me about {matter}.
A:neutral: You should have let it rest.
L:surprised: You knew? All this time?
"""
