"""English word tables: names, roles, places, things and times that a premise may mention."""

from __future__ import annotations

from services.story.local.data import words

FEMALE_NAMES = words("""
Evelyn Petra Diana Laura Helen Linda Susan Karen Nancy Emily Sophie Claire Charlotte Amelia Rachel Rebecca Naomi Bella
Mira Elena Sofia Maria Anna Clara Grace Nora Lena Ruth Ivy Hana Yuna Mei Lin Amara Zara Leila Priya Isla Ada
Alice Emma Olivia Ava Mia Luna Chloe Lily Ella Rose Rosa Eva Iris Juno Nina Tessa Vera Maya Layla Sarah Hannah
Kate Julia Juliet Jane Lucy Daisy Freya Esther Miriam Fatima Aisha Keiko Yuki Sakura Aiko Carmen Lucia Bianca
Giulia Chiara Ingrid Astrid Saoirse Maeve Nadia Irina Katya Anya Noor Sana Zoe Stella Violet Hazel June
Margaret Eleanor Beatrice Rhea Thea Wren
""")
MALE_NAMES = words("""
Gordon Major Michael Kevin Brian Gary Mark Greg Howard Eric Jason Andrew Steven Nathan Isaac Jacob Lucas Chen Wei Jun Ray Roy
Leo Daniel Luca Marco Kai Noah Adam Omar Elias Jonas Theo Hugo Felix Ivan Mateo Diego Rafael Jin Min Ren Hiro
Kenji Arjun Ravi Samir Tariq Jack Tom Thomas James John Henry Oliver Ethan Liam Owen Max Victor Sebastian
Silas Caleb Gideon Marcus Julian Adrian Dorian Nico Paolo Enzo Romeo Dante Emil Anton Viktor Dmitri Sergei
Kofi Kwame Malik Jamal Yusuf Hassan Ali Finn Declan Patrick Sean Rory Callum Ewan Otto Karl Hans Pierre
Antoine Bruno Tomas Pedro David Ben Sam George William Edward Arthur Charles Frank Walter Robert Peter Paul
Simon Oscar Axel Erik Lars Magnus Soren
""")
CAST_FEMALE = words("""
Odile Marisol Tamsin Ilse Noemi Petra Salome Coralie Farah Delphine Ottilie Sunniva Calla Yara Linnea Imani
""")
CAST_MALE = words("""
Bastian Corwin Idris Lucian Matthias Osric Stellan Tobias Emeric Ansel Cassius Leander Rurik Evander Joaquin
Anders
""")
PET_NAMES = words("""
Biscuit Pepper Clover Juniper Button Maple Thistle Pip Mosswick Tansy
""")
FEMALE_ROLES = frozenset(
    words("""
actress aunt bride countess daughter duchess empress girl girlfriend goddess grandmother heiress lady maid
matriarch mermaid mother niece nun princess queen sister stepmother stepsister stewardess waitress widow wife
witch woman
""")
)
MALE_ROLES = frozenset(
    words("""
actor boy boyfriend brother butler count duke emperor father fisherman gentleman god grandfather groom heir
husband king man monk nephew patriarch priest prince son stepbrother stepfather uncle waiter widower wizard
""")
)
ROLES = frozenset(
    words("""
actor actress agent android angel apprentice architect archivist artist assassin assistant astronaut athlete
aunt baker ballerina banker barista bartender beekeeper billionaire blacksmith bodyguard boss boxer boy
boyfriend bride brother burglar butler captain carpenter cellist ceo chef cleaner clockmaker coach commander
cook cop count countess courier curator dancer daughter demon detective developer doctor dressmaker driver
duchess duke emperor empress enemy engineer ex exile farmer father fiance fiancee fiancé fiancée fighter
fisher fisherman florist friend gambler gamer gardener general gentleman ghost girl girlfriend god goddess
grandfather grandmother groom guard guide hacker heir heiress husband idol influencer inspector intern janitor
jeweler jeweller journalist judge keeper killer king knight lady landlord lawyer librarian lighthouse-keeper
lover maid man manager matriarch mayor mechanic mermaid minister monk mother murderer musician nanny navigator
neighbor neighbour nephew niece novelist nun nurse officer orphan painter partner patriarch photographer
pianist pilot pirate poet policeman president priest prince princess prisoner professor queen racer refugee
reporter rival robot runner sailor samurai scientist seamstress secretary senator sheriff singer sister skater
smuggler soldier son spirit spy stepbrother stepfather stepmother stepsister stewardess stranger streamer
student surgeon swimmer swordsman tailor teacher tenant thief trainee traitor translator tutor twin tycoon
uncle vampire veteran veterinarian villain violinist waiter waitress warden watchmaker widow widower wife
witch wizard woman writer
""")
)
NEGATIVE_ROLES = frozenset(
    words("""
banker blackmailer boss ceo demon developer dictator enemy gangster imposter impostor kidnapper killer
landlord mobster murderer pirate rival smuggler stepbrother stepfather stepmother stepsister thief traitor
tycoon tyrant villain warden warlord
""")
)
TITLES = frozenset(
    words("""
Agent Brother Captain Chef Commander Count Countess Detective Doctor Dr Duchess Duke Emperor Empress Father
General Inspector Judge King Lady Lord Madame Miss Mr Mrs Ms Officer Prince Princess Professor Queen Sir
Sister
""")
)
SPECIES = frozenset(
    words("""
badger bear beaver cat corgi crow deer dog dolphin donkey dragon duck elephant fox frog goat goose hamster
hare hedgehog hen horse husky kitten lion lioness monkey mouse otter owl panda parrot penguin pony puppy
rabbit raccoon rat raven rooster seal sheep sparrow squirrel stag swan tiger tortoise turtle whale wolf
""")
)
PLACE_NOUNS = frozenset(
    words("""
academy airport arena attic bakery ballroom bank bar basement bay beach bookshop bookstore bridge cabin cafe
café capital casino castle cemetery church circus city clinic colony cottage court courthouse desert diner
estate factory farm ferry forest garage garden graveyard greenhouse gym harbor harbour hospital hotel inn
island kingdom lab laboratory lake library lighthouse manor mansion market mars monastery moon mountain museum
newsroom nightclub opera orchard orphanage palace penthouse pier port prison ranch restaurant rink river
rooftop school shelter ship spaceship stadium starship station studio submarine subway tavern teahouse temple
theater theatre tower town train university valley village vineyard warehouse wharf
""")
)
PLACE_ENDINGS = frozenset(
    words("""
Abbey Academy Avenue Bakery Base Bay Beach Bridge Cafe Café Castle Cathedral Church City Colony Cove Creek
District Empire Falls Forest Hall Harbor Harbour Heights Hills Hollow Hospital Hotel House Island Isle Kingdom
Lake Lane Library Manor Mansion Market Moon Mountain Museum Opera Palace Park Pier Point Port Prison Quarter
Restaurant Ridge River Road School Square Station Street Temple Theater Theatre Tower Town University Valley
Village Wharf Wood Woods
""")
)
CITIES = frozenset(
    words("""
Alaska America Athens Auckland Bangkok Barcelona Beijing Berlin Bogota Boston Brooklyn Budapest Busan Cairo
California Casablanca Chicago China Copenhagen Dallas Delhi Denver Dublin Edinburgh Egypt Europe Florence
France Glasgow Greece Hanoi Harlem Havana Helsinki Iceland India Ireland Istanbul Italy Jakarta Japan Kolkata
Korea Kyoto Lagos Lima Lisbon London Madrid Manhattan Manila Marrakesh Mars Melbourne Miami Milan Montreal
Moscow Mumbai Nairobi Naples Norway Osaka Oslo Paris Porto Prague Reykjavik Rio Rome Saigon Santiago Scotland
Seattle Skye Seoul Shanghai Singapore Spain Stockholm Sydney Taipei Texas Tokyo Toronto Vancouver Venice Vienna
Warsaw
""")
)
THINGS = frozenset(
    words("""
algorithm bell bicycle boat book bottle box bracelet brooch camera car chip clock coat code coin compass
contract crown cup dagger debt diamond diary doll dress drive film formula fortune gold gun heart inheritance
jade jewel journal key knife lamp lantern ledger letter letters locket lottery manuscript map mask medal
melody memory mirror money music-box necklace notebook painting passport pearl phone photo photograph piano
poem portrait recipe recording ring scarf script seed serum song soul statue suitcase sword tape teapot throne
ticket treasure umbrella vaccine vase violin watch will wine
""")
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
STOP = frozenset(
    words("""
A AI After All Although American An Ancient And Any April Are As At August Based Before Betrayed Between Both
Brilliant British But By CEO CIA Can Chinese Christmas Comedy Create Days December Deep Did Do Does Dr Drama
During Each Easter Eight English Episode Episodes Even Every Everybody Everyone FBI Famous Far February Five
For Forbidden Forced Found Four French Friday From German God Had Halloween Has Haunted Have He Her Here
Hidden Him His How I If In Inspired Into Irish Is It Italian Its January Japanese July June Just Korean Lonely
Lost Love Make Many March May Modern Monday Most Mr Mrs Ms Must My Nine No Nobody Not November Now October Of
Old On Once One Only Or Our Over Please Poor Retired Revenge Rich Romance Russian Saturday Secret September
Set Seven She Since Six So Some Someone Somewhere Spanish Still Story Stray Sunday TV Ten That The Their Them
Then There These They This Those Though Three Thriller Thursday To Torn Tuesday Two Under Until Was We
Wednesday Were What When Where Which While Who Why Will With Without Write Years Yet You Young Your
""")
)
ADJECTIVES = frozenset(
    words("""
abandoned ambitious amnesiac ancient animal antique army arrogant black blind brave brilliant broken burnt
clever cold country cracked crumbling cursed deaf disgraced divorced dying exiled failed family famous female
figure floating foggy forgotten former gentle ginger golden gray grey grumpy haunted hidden homeless homicide
hotel humble ice immortal jazz jealous junior kind legendary lighthouse little locked lonely lost loyal male
masked missing mysterious navy night old one-eyed opera orphaned palace pastry penniless police poor powerful
priceless proud red remote retired rich rookie royal ruined runaway rusty ruthless school seaside secret
senior shy silent silver single sleepy small snowy stolen stray street struggling stubborn sunken sushi
talented taxi three-legged timid tiny torn undercover unfinished village wealthy white widowed wounded young
""")
)
