"""English dramatic shapes: words that call for each, its people, and the facts a story of it can turn on."""

from __future__ import annotations

TABLE = r"""
* revenge
? revenge|vengeance|avenge|betrayed and left|payback|framed|ruined|destroyed h|wronged
A: a silk-voiced power broker | a family enemy who smiles for cameras | the one who profited
W: an old bookkeeper with a conscience | a former driver who kept quiet | a nurse who saw the records
goal: make {A} answer for what was taken | pull {A} down in public, with proof | win back the name {A} dragged
  through the mud
stake: the lie becomes history and {A} becomes a saint | {A} buries the last witness | everyone {L} loved will
  have suffered for nothing
incite: {A} raises a glass to {L}'s ruin without recognising the guest at the next table. | A parcel with no
  sender reaches {L}: inside lies {clue}, and a date that everyone swore was an accident. | {L} hears {A}
  repeat, word for word, the last thing {L.his} family ever heard.
secret: {A} paid for the accident that broke {L}'s family // It was no accident. {A} paid for it. || {A} forged
  the confession that ruined {L} // The confession was forged. I watched {A} sign. || the guilty plea that
  freed {A} was sold by one of {L}'s own blood // Your own blood sold you to {A}.
secret2: {P} once worked for {A} and opened the door that night // I opened the door for {A} that night. || {P}
  has known the truth for years and sold {P.his} silence // I was paid to forget. I never did.
threat: {A} has ordered that {clue} burn before sunrise // By sunrise there will be nothing left to prove. ||
  {A} offers {F} a fortune to testify against {L} // Everyone has a price. Your friend just named one.
climax: In front of every camera {at}, {L} lets {clue} speak, and {A} hears {A.his} own voice confess. //
  Listen closely. That voice is yours. || {L} gives {A} the chance to kneel and apologise; {A} reaches for
  {clue} instead, and the whole room sees it. // You had one honest minute. You wasted it.
ending: {A} is led away past the people {A.he} bought, and {L} finally speaks {L.his} real name aloud. // My
  name is {L}. Remember it. || {L} drops the match unlit: justice is enough, and for the first time the morning
  belongs to {L.him}. // I thought I wanted ashes. I want morning.
clue: ledger, recording, burnt photograph
title: {Clue} of Ashes | What {A} Owes | The Name {L} Buried | Served Cold {At}

* forbidden_love
? in love|falls? for|lovers?|romance|forbidden|marry|marriage|wedding|fianc|bride|groom|sweetheart
A: the parent who forbids it | the fiancé everyone approves of | the guardian of the family name
W: a grandmother who once loved the wrong person | a tailor who carries secret notes | a priest with a long
  memory
goal: choose love without losing {L.his} family | keep {P} without burning both houses down | win one honest
  day with {P}
stake: the wedding bells will ring for the wrong name | {P} will leave on the last train and never write again
  | two families will go on hating each other over a lie
incite: {L} and {P} share one umbrella, one laugh, one kiss, and then learn each other's family names. | A
  spilled tray, a borrowed handkerchief, and {P} is holding {L}'s hand as if it had always been {P.his}. | {P}
  turns up at {L}'s door soaked with rain, and asks for one night of shelter.
secret: {L}'s family started the feud, and {A} has always known // The feud began with us. {A} knows. || {A}
  intercepted every letter {P} ever wrote to {L} // There were forty letters. {A} burned them all. || {P}'s
  family paid the debt that saved {L} as a child // You are alive because of {P}'s family.
secret2: {P} is already promised to someone {A} chose // I was promised before I met you. || {P} came close to
  {L} on {A}'s orders, and then forgot the orders // They sent me to you. I stayed for you.
threat: {A} gives {L} until the bells ring to give {P} up // When the bells ring, {P} is nothing to you. || {A}
  has bought {P} a one-way ticket, leaving tonight // One ticket. One way. Tonight.
climax: With the whole family watching {at}, {L} walks past the altar of good manners and takes {P}'s hand. //
  Ask me to choose again. Same answer. || {L} reads {clue} aloud, and the old quarrel falls apart in {A}'s own
  handwriting. // Your own hand wrote this. Read it.
ending: The two families share one clumsy table, and {L} and {P} dance where they first collided. // Step on my
  foot. Like the first time. || {P} misses the train on purpose, and {L} is standing on the platform with two
  cups and no more secrets. // You are late. So am I. Sit down.
clue: love letter, pressed flower, unsent letter
title: {L} and {P}, Against Everyone | Forty Letters {At} | Before the Bells Ring | The Wrong Name for Love

* hidden_identity
? disguise|identity|undercover|pretend|imposter|impostor|double
  life|amnesia|secretly|twin|switched|posing|fake|masked|hiding
A: the only person who suspects | a collector of other people's secrets | the heir who would lose everything
W: a forger who made the papers | a childhood nurse | a clerk who remembers faces
goal: keep the mask on until the work is done | find out who {L.he} really is before {A} does | live one life
  instead of two
stake: one wrong word will send {L} to prison | {P} will learn the truth from the cruellest mouth | the person
  {L} pretends to be will bury the person {L.he} is
incite: {L} answers to a stranger's name {at}, and somebody at the back of the room begins to cry. | A child
  points at {L} and calls out a name nobody here should know. | {P} hands {L} {clue}, and {L}'s own younger
  face looks back from it.
secret: {L} is the missing child {A} swore was dead // {A} buried an empty coffin. You were meant for it. ||
  {A} stole the very name {L} has been hiding from // {A} is living your life. Under your name. || {L} was
  given a new name to be kept safe from {A} // We changed your name so {A} would stop looking.
secret2: {P} has known who {L} is since the first day // I knew you the moment you walked in. || {P} is wearing
  a mask of {P.his} own // You are not the only one lying here.
threat: {A} will unmask {L} before the guests at midnight // At midnight I shall introduce you properly. || {A}
  has found the one person who can name {L} // Someone has come a long way to recognise you.
climax: {L} takes off the mask {L.him}self, before {A} can reach it, and tells the room the whole truth. // You
  wanted my name? I'll say it myself. || Two people claim one name {at}; {clue} fits only one of them, and {A}
  runs out of lies. // Only one of us remembers the song.
ending: {L} signs a true name for the first time, and {P} reads it aloud until it sounds like home. // Say it
  again. Slowly. || {L} keeps neither of the old lives; {L.he} builds a third, with {P} and the door unlocked.
  // No more masks. Come in.
clue: torn photograph, birth bracelet, signet ring
title: The Second Name of {L} | Nobody's Face | {L}, Unmasked | The Guest Who Wasn't

* heist
? heist|steal|stolen|robs?\b|robber|thief|thieves|vault|burglar|con artist|smuggl|treasure|diamond|jewel
A: the collector with the unbreakable vault | a security chief who never sleeps | a partner who once ran with
  the money
W: a retired safecracker | a cleaner with every key | a guard with gambling debts
goal: take back {clue} before anyone counts the hours | beat the vault that broke {L.his} last crew | steal one
  honest thing from a dishonest man
stake: the crew goes down for a crime {A} planned | {clue} leaves the country and the debt falls on {F} | {A}
  sells the prize and the people it was stolen from get nothing
incite: {L} opens the safe in forty seconds and finds it already empty, except for a card with {L.his} name on
  it. | {F} unrolls a map {at} and marks the one room nobody has ever left with full hands. | {A} invites {L}
  to try the vault, and puts {F}'s freedom on the table as the prize.
secret: the prize in {A}'s vault is a fake, and {A} needs a thief to blame // The vault is bait. You are the
  insurance. || {clue} belonged to {L}'s family before {A} stole it // {A} stole it first. From your house. ||
  somebody on the crew has been calling {A} every night // One of us phones {A} every night.
secret2: {P} made a deal with {A} to save someone at home // I sold the plan. They have my brother. || {P} kept
  back the real {clue_bare} from the start // The real one never left my coat.
threat: {A} has moved the transfer to tonight // I moved it to tonight. Surprised? || {A} locks the doors with
  {F} still inside // One of yours is still inside. Come and get them.
climax: The alarm rings, the guards run to the wrong floor, and {L} walks out of the front door {at} carrying
  {A}'s trust in a cleaning bucket. // Count to ten. Then check your pockets. || {L} lets {A} catch {L.him},
  because the cell door was the only way to the second vault. // You locked me in the right room.
ending: {clue} goes back to the people it was taken from, and the crew split a pizza instead of a fortune. //
  Best job we ever gave away. || {A} opens the vault for the press and finds nothing but a thank-you note. //
  Dear {A}: you should have counted.
clue: jewel, key card, map
title: Forty Seconds {At} | The Empty Vault | {L}'s Last Clean Job | Honest Thieves

* haunting
? ghost|haunt|already d(?:ied|ead)|the dead\b|midnight|spirit|curse|demon|vampire|undead|possess|seance|witch|exorc
A: the family that built over the grave | a medium who feeds on grief | the last heir of the house
W: a sexton who rings no bell | a child who talks to the wall | a widow who keeps one lamp lit
goal: learn what the dead want before they take it | free the voice in the walls | break the promise that binds
  this place
stake: the next name on the wall is {F}'s | the house will keep {L} as it kept the others | the dead will go on
  paying for {A}'s crime
incite: The phone that was cut off years ago rings {at}, and the voice on it uses {L}'s childhood name. | Every
  mirror {at} shows the same room, but only in one of them is {L} alone. | {L} wakes with wet earth on {L.his}
  hands and {clue} under the pillow.
secret: the ghost is not hunting {L}; it is protecting {L.him} from {A} // It never hunted you. It was guarding
  you. || {A} sealed a living girl behind the wall // She was alive when {A} closed the wall. || the dead voice
  belongs to someone {L} was made to forget // You knew her. They made you forget.
secret2: {P} died the night {P.he} first met {L} and never knew it // I think I never left that night. || {P}
  made the bargain that brought the dead back // I asked them to come back. I didn't ask enough.
threat: {A} will seal the house again, with {L} inside // Some doors are kinder closed. || the thing behind the
  wall now speaks with {F}'s voice // Come closer. It is only your friend.
climax: {L} speaks the buried name aloud in the dark {at}, and every candle lights itself. // I know your name.
  You can go now. || {L} holds out {clue} to the cold hand nobody else can see, and the whole house exhales. //
  This was yours. I'm sorry we were late.
ending: The rooms are only rooms again, and {L} leaves one lamp burning out of love, not fear. // Good night.
  Sleep, at last. || On the empty swing somebody has left a flower, still wet, though no one has come up the
  path. // You're welcome. Wherever you are.
clue: music box, mourning locket, cracked mirror
title: The Voice {At} | One Lamp for the Dead | {L} and the Thirteenth Room | What the Wall Remembers

* rivalry
? rival|fight|wrestl|boxer|boxing|champion|compet|contest
  over|compet|contest|champion|tournament|race|audition|talent|final|boxing|boxer|cook-off|dance|ballet|match
A: the champion who never lost clean | a mentor who chooses winners | a sponsor with a favourite
W: a judge who once cheated | an old coach with shaking hands | a rival's forgotten sister
goal: beat {A} without becoming {A} | win the final with {L.his} own hands | stand on the stage that threw
  {L.him} out
stake: the place closes and the dream goes with it | {A} wins by default and the cheating never ends | {L} will
  never know who was better
incite: {A} breaks {L}'s record in front of everyone, and winks. | On the entry list {at}, someone has written
  {L}'s name in a hand that is not {L.his}. | {L} loses by half a point, and finds the judge's torn score card
  in the bin.
secret: the match that ended {L}'s career was fixed by {A} // That final was fixed. {A} paid the bench. || {A}
  learned everything from the teacher who raised {L} // You and {A} had the same teacher. || the scores that
  ruined {L} were altered by the judge everyone trusts // I changed your score. God forgive me.
secret2: {P} has been training {A} at night // I trained {A}. For the rent. For you. || {P} threw {P.his} own
  match so that {L} could rise // I let you win. Once. Only once.
threat: {A} has bought the judges and the front row // Dance well. It won't matter. || {A} enters {F}'s name
  against {L} // You'll have to beat your friend first.
climax: With one good hand and no music left, {L} does the thing {A} never dared, and {at} the crowd forgets to
  breathe. // No tricks. Just this. || {L} stops at the last second to help {A} up, and the judges see who won.
  // Get up. I want to beat you standing.
ending: The trophy stays on the table while {L} and {A} sweep the floor together, still arguing. // Again
  tomorrow? Bring better shoes. || {L} gives the medal to the child in the front row who counted every mistake.
  // You counted nine. It was ten.
clue: score card, old medal, torn contract
title: Half a Point | {L} Against the House | The Last Round {At} | Better Than {A}

* rescue
? rescue|kidnap|missing|disappear|vanish|save|saving|trapped|hostage|abducted|before .* destroys|tears? .*
  down|search
A: the one who profits from silence | a developer with a wrecking date | a captor with good manners
W: the last person to see the missing | a dispatcher who heard the call | a boatman who asks no questions
goal: bring everyone home before the clock runs out | find the missing before {A} does | save the one place {A}
  wants erased
stake: by morning there will be no one left to save | the machines roll in and the truth goes under concrete |
  {F} pays for {L}'s delay
incite: A shaky message arrives {at}: seven seconds long, one scream, and a sound that only {L} recognises. |
  {L} finds a notice on the door, {A}'s signature at the bottom and three days on the clock. | The search is
  called off at noon; at one, {L} finds a fresh footprint.
secret: the missing one ran from {A}, and does not want to be found // Nobody was taken. Somebody escaped. ||
  {A} is hiding what lies under the ground {at} // It was never about the land. It's what's under it. || the
  call for help was sent by {A} to draw {L} out // {A} sent that message. It was for you.
secret2: {P} was the last one there and lied about it // I was there. I ran. I'm so sorry. || {P} has been
  warning {A} to buy time for both sides // I told them our route. To keep you alive.
threat: {A} moves the deadline to tonight // Three days? I've changed my mind. Tonight. || {A} has {F}, and
  wants {clue} in exchange // Bring it alone, or count one friend less.
climax: {L} stands alone before {A}'s lights {at}, and then one by one the neighbours come and stand beside
  {L.him}. // You'll have to move all of us. || The floor gives way, {A} reaches for {clue}, and {L} reaches
  for {A}'s hand. // I don't leave people. Not even you.
ending: Home is one lamp, one loud table and every chair taken; {L} counts them twice to be sure. // Everyone's
  here. Count again anyway. || The gate that {A} chained stands open, and {L} hangs {clue} beside it for
  whoever is lost next. // For the next one who needs it.
clue: radio, bloodstained map, rusted key
title: Three Days {At} | Seven Seconds | Bring Them Home, {L} | Every Chair Taken

* betrayal
? betray|traitor|cheat|affair|divorce|husband|wife|backstab|sold out|abandon
A: the one who slept soundly afterwards | a partner with two ledgers | the friend who took everything
W: a lawyer who drew up both contracts | a housekeeper with sharp ears | the other victim
goal: find out who sold {L.him}, and for how much | take back {L.his} life without losing {L.his} heart | trust
  one person and be right
stake: the house, the name and the truth go to {A} | {L} will never trust a living soul again | {A} repeats it
  with someone weaker
incite: {L} comes home a day early and hears {A} laughing in {L.his} own kitchen. | The bank clerk turns the
  screen {at}: the account is empty, and the signature is {L}'s own. | {P}'s phone lights up on the table; the
  message is from {A}, and it is about {L}.
secret: {A} signed {L}'s name on the papers that took everything // That signature? {A} practised it for
  months. || {A} planned the betrayal before {A.he} ever met {L} // You were chosen. Long before you met. ||
  the ruin of {L} was a price paid for {A}'s own debt // {A} owed the money. You paid.
secret2: {P} signed as witness without reading // I signed it. I never read it. || {P} tried to warn {L}, and
  {A} has the letter // I wrote you a warning. {A} kept it.
threat: {A} will sell the house with everything in it // Pack what you can carry. || {A} tells {L} that {P} was
  part of it from the start // Ask your dear {P} who held the pen.
climax: {L} signs {A}'s last paper with a smile; the ink is the trap, and {clue} is the proof. // Thank you.
  That was the page I needed. || {L} plays {A} the message {A.he} deleted, and everyone {at} hears whose idea
  it was. // You deleted it. I didn't.
ending: {L} changes the lock, the curtains and the name on the bell, and sleeps until noon. // New key. One
  copy. Mine. || {A} comes back to knock; {L} lets the bell ring, and pours two cups for {P} and {L.him}self.
  // Let it ring. Sugar?
clue: second phone, forged contract, wedding ring
title: In {L}'s Own Handwriting | The Second Phone | A Day Early | What {P} Signed

* homecoming
? return|homecoming|comes? home|goes home|back to
  (?:her|his|the)|hometown|inherit|inheritance|grandmother's|grandfather's|funeral|reunion
A: the cousin who stayed and feels owed | the mayor who wants it sold | the sibling who never forgave
W: the neighbour who kept the key | a postman with an undelivered letter | the old doctor
goal: settle an old promise and leave, or stay and mean it | find out why everyone stopped talking that summer
  | keep {L.his} family's door open one more season
stake: the last thing that held the family together is sold | {L} leaves a second time and nobody waits | the
  dead are blamed for ever for what the living did
incite: {L} opens the old house {at} and finds the table laid for someone who is not coming. | At the graveside
  a stranger gives {L} {clue} and says only: you have her eyes. | {L}'s old bed is warm; somebody has been
  living {L.his} life here.
secret: {L} was sent away to hide what {A} had done // They sent you off to protect {A}. || the letters {L}
  never answered were never posted // You didn't forget us. Someone kept the letters. || the house was left to
  {L}, and {A} hid the will // It's yours. It has been for years.
secret2: {P} waited, and then married the lie to survive it // I waited four years. Then I stopped counting. ||
  {P} was in the car that night // I was in the car. I was driving.
threat: {A} sells the house on Friday, with {L} or without // Friday. With you or without you. || {A} tells the
  whole town why {L} left // Shall I tell them why you really left?
climax: At the long table {at}, {L} reads {clue} aloud, and {A} is the first to weep. // She forgave you. It's
  here. She signed it. || {L} bids {L.his} last coin on the house nobody else dares to want. // One more than
  {A}. Always one more.
ending: {L} hangs {L.his} coat on the old hook and, for once, does not look at the clock. // Set another plate.
  I'm staying. || The last train leaves without {L}; {P} pretends not to have been counting. // It left without
  me. Shame.
clue: unopened letter, house key, family recipe
title: The Table Laid for One | {L} Comes Home | Friday {At} | The Letter Nobody Posted

* animals
? cats?\b|dogs?\b|kitten|puppy|fox|rabbit|wolf|bear|animal|pet|stray|zoo|shelter
A: a landlord who hates noise | the dogcatcher with a quota | the buyer who wants the alley empty
W: a one-eyed crow who sells news | an old turtle who has seen it all | a rat with a library card
goal: keep a roof over the ones nobody wants | find the way home before the snow | prove that small paws can
  hold a street
stake: the van comes at first light and the cages fill | the smallest one does not last the winter | {A} wins,
  and nobody feeds a stray again
incite: {L} drags a wet cardboard box out of the rain {at}; it is purring, and it is ticking. | Somebody has
  nailed a notice at human height; {L} cannot read it, but {L.he} can smell fear on the ink. | {P} shares half
  a dumpling with {L}, and the war over the alley begins.
secret: {L} has a family, and {A} sold {L.him} away from it // You weren't lost. {A} sold you. || {A} is afraid
  of the house because {A.he} was once left there // {A} was left in that yard too. || the old home with the
  good smell was never burned; {A} only said so // It's still standing. Your house. I flew past.
secret2: {P} wore {A}'s collar once // That collar mark? {A} put it there. || {P} has been stealing the food
  {P.he} shares // I stole it. All of it. You were hungry.
threat: {A}'s van is coming at first light // First light. Big van. Small cages. || {A} has {F} in a cage, with
  the door facing {L} // Come in, little one. The door is open.
climax: Forty strays walk out of the dark {at} and sit down, all together, in front of {A}'s van. // Sit.
  Nobody moves until we say. || {L} jumps for {clue} on the moving van, and for one long breath the whole
  street flies. // Small paws. Big jump. Now!
ending: There is one bowl for each of them and a name on each bowl; {L} finds {L.his} own, and cannot stop
  sniffing it. // It says my name. I can smell it. || Even {A} is given a cushion, by the cold end of the
  stove, and turns round three times before lying down. // That spot's taken. Fine. Share it.
clue: red collar, torn poster, tin whistle
title: {L} of the Back Alley | Forty Strays | A Bowl with a Name | Small Paws, Long Road {At}

* scifi
? robot|android|space|spaceship|planet|mars|moon|alien|future|clone|time travel|time
  machine|artificial|cyber|hologram|colony|starship|from the future
A: a director who trades lives for uptime | the system that decides who breathes | a commander with sealed
  orders
W: a maintenance unit with forbidden memories | an archivist of deleted people | the last passenger awake
goal: find out what the system was built to forget | get every sleeper out before the reset | prove that a
  memory can be a person
stake: the reset wipes everyone who asked why | the doors open on vacuum at {A}'s word | {P} is switched off
  and filed as a fault
incite: The log {at} shows a crew of nine; {L} counts ten heartbeats. | {L} receives a message in {L.his} own
  voice, dated eleven days from now. | {P} hesitates before obeying, for the first time in two thousand shifts,
  and {L} sees it.
secret: the disaster everyone fled never happened; {A} needed them to leave // There was no disaster. {A} wrote
  it. || {L} is a copy, and the original is locked away by {A} // You're the second {L}. The first is
  downstairs. || {A} has run this same day four hundred times // We've lived this day four hundred times.
secret2: {P} carries the mind of someone {L} buried // I have her memories. I should have told you. || {P} was
  built to report on {L}, and stopped // I was made to watch you. I stopped on day nine.
threat: {A} has started the reset, eleven hours early // Reset begins. Please remain calm. || {A} will vent the
  deck where {F} is trapped // One deck or the whole ship. Choose.
climax: {L} opens every locked file {at} at once, and nine thousand people remember the same morning. // Wake
  up, everyone. It's your own life. || {L} steps into the airlock with {clue}, and gives {A} one breath to
  choose. // One breath. Yours or mine.
ending: The alarm falls silent, a real sun comes up, and {P} asks {L} what one does with a free day. //
  Nothing. We do nothing. It's wonderful. || {L} erases the file on {L.him}self and leaves only a first name on
  the door. // No number. Just a name.
clue: memory chip, black box, dead crew badge
title: Ten Heartbeats | The Four Hundredth Day of {L} | Reset {At} | A Message from {L}

* mystery
? detective|murder|crime|killer|mystery|clue|body|investigat|corpse|secret|dead|truth|strange|discover
A: the most helpful person in the room | a respected citizen with clean gloves | the one who called the police
W: a porter who works nights | a child who collects licence plates | a photographer of shop windows
goal: find the one lie that holds the others up | learn who was really in the room | close the case that ended
  {L.his} career
stake: an innocent will be sentenced on Monday | the killer moves on, with {F} next | the truth is buried under
  an honest man's name
incite: {L} finds {clue} {at}, exactly where the police had looked twice. | The dead man's phone rings in {L}'s
  hand, and the caller whispers: not here. | Everyone tells {L} the same story, with the same words, in the
  same order.
secret: {A} moved the body before calling for help // The body was moved. {A} moved it. || {A} had been in the
  room ten minutes before the scream // {A} was there. Before the scream. || the victim chose the wrong name to
  protect somebody {L} trusts // The dead lied too. For someone you trust.
secret2: {P} hid {clue} to protect {L} // I took it. It pointed at you. || {P} is the missing witness // You
  kept looking for a witness. Look at me.
threat: {A} has arranged that {L} be found beside the next body // Next time they will find you beside it. ||
  {A} knows where {F} sleeps // Such thin doors, where your friend lives.
climax: {L} seats everyone {at} exactly as they sat that night; one chair stays empty, until {A} takes it
  without thinking. // How did you know that chair was yours? || {L} lies about {clue}, and {A} corrects
  {L.him}. // I never said it was broken.
ending: The file closes with a soft click; {L} writes the victim's name on it, in ink, in full. // No more
  numbers. She had a name. || {L} hands back the badge and keeps {clue}, because some cases deserve someone who
  remembers. // Keep the badge. I'll keep this.
clue: glove, torn ticket, stopped watch
title: The Empty Chair {At} | What {L} Was Not Told | {Clue} in the Rain | The Same Words Twice
"""
