"""English lines that open or close a scene and name what the story turns on. `side who emotion: text`."""

from __future__ import annotations

TABLE = """
end L determined: I won't let {matter} be buried twice.
end L determined: Then I start with {matter}. Tonight.
end L angry: Nobody touches {matter} before I do!
end L angry: Everyone lied to me about {matter}!
end L sad: If I lose {matter}, I lose everything I have left.
end L sad: I should never have come near {matter}.
end L afraid: And if {matter} was only the beginning?
end L afraid: {matter}… It's happening all over again.
end L surprised: So {matter2} was part of it?
end L surprised: Wait. Then who paid for {matter}?
end L tender: Whatever {matter} costs, you're not paying for it.
end L tender: Stay with me until {matter} is settled.
end L neutral: Give me one night with {matter}. Just one.
end L neutral: Then we both know what {matter} means.
end L happy: Good. Then {matter} still has a chance!
end L determined: Tell {A} I'm coming for the truth about {matter}.
end A neutral: Leave {matter} alone, and you keep your life.
end A angry: Say one more word about {matter}, and I'll finish you!
end A happy: You have no idea what {matter} is worth, do you?
end A happy: By tomorrow nobody in {place} will remember {matter}.
end A determined: {matter} belongs to me. It always did.
end A surprised: You'd risk your life for {matter}?
end A sad: I wish you had never found {matter}.
end A afraid: Who told you about {matter}?
end O afraid: They'll come for {matter}, and then for us.
end O afraid: And what if {matter} brings {A} here?
end O sad: Last time {matter} cost us someone we loved.
end O sad: I can't lose you to {matter} too.
end O tender: Then we face {matter} together. You and I.
end O tender: You're not alone with {matter} any more.
end O angry: {matter} has done enough harm already!
end O angry: Forget {matter} before it kills you!
end O determined: I'll help you. But {matter} stays between us.
end O determined: Then let's get to {matter} before {A} does.
end O surprised: All this because of {matter}?
end O neutral: Be careful. {A} has eyes all over {place}.
end O happy: For {matter} I'd walk across {place} barefoot!
open L neutral: I keep thinking about {matter}.
open L determined: No more secrets about {matter}.
open L afraid: Something about {matter} is wrong.
open L sad: It all goes back to {matter}.
open L tender: We're so close to {matter} now.
open A neutral: So. {matter}, at last.
open A happy: {matter} led you right to me.
open O afraid: Listen. It's about {matter}.
open O neutral: I asked around about {matter}.
open O tender: You've carried {matter} long enough.
open O surprised: You won't believe this about {matter}.
rest L tender: No one in {place} will forget {matter}.
rest L happy: We did right by {matter}, didn't we?
rest L tender: This is for {matter}, and for us.
rest O happy: And {matter}? At peace, finally!
rest O tender: After {matter}, I was afraid to hope.
rest O tender: {matter} can rest now. So can you.
rest O happy: All of {place} is talking about {matter}!
start L determined: I'm not leaving {place} without an answer.
start L neutral: One more night in {place}. Then I'm done.
start L afraid: Why tonight, of all nights in {place}?
start L sad: Nothing in {place} ever ends well for me.
start L tender: I only came back to {place} for you.
start O afraid: Something is coming to {place}. I can feel it!
start O tender: Promise me you'll be careful out there in {place}.
start O neutral: Half of {place} is already talking about you.
start A neutral: {place} is small. We will meet again.
start A happy: Enjoy {place} while you still can!
rest L happy: Here's to {matter}.
rest L tender: For {matter}, then.
rest O tender: To {matter}, and to you.
end L determined: Then {matter} first.
end L angry: Not without {matter}!
end L neutral: Then show me {matter}.
end L tender: {matter} can wait.
end A neutral: Forget {matter}.
end A happy: Goodbye, {place}!
end O tender: Careful with {matter}.
end O sad: Not {matter} again.
"""
