"""Korean lines that open or close a scene and name what the story turns on. `side who emotion: text`."""

from __future__ import annotations

TABLE = """
end L determined: {matter} 일, 다시는 묻히게 두지 않아.
end L determined: 그럼 {matter}부터야. 오늘 밤.
end L angry: 나보다 먼저 {matter}에 손대지 마!
end L angry: 다들 {matter}을/를 두고 날 속였어!
end L sad: {matter}마저 잃으면 나한텐 아무것도 없어.
end L sad: 처음부터 {matter}에 다가가지 말걸.
end L afraid: {matter}이/가 시작일 뿐이라면?
end L afraid: {matter}… 또 되풀이되고 있어…
end L surprised: 설마 {matter2}까지 다 꾸민 일이야?
end L surprised: 잠깐, 그럼 {matter}은/는 누가 손댔지?
end L tender: {matter} 값은 내가 치를게. 넌 아니야.
end L tender: {matter} 일이 끝날 때까지 곁에 있어 줘.
end L neutral: 하룻밤만 줘. {matter}의 진실만 알면 돼.
end L neutral: 그럼 {matter}이/가 무슨 뜻인지 둘 다 알겠네.
end L happy: 됐어, {matter}은/는 아직 늦지 않았어!
end L determined: {A}에게 전해. {matter}의 진실은 내가 찾는다고.
end A neutral: {matter}에서 손 떼. 그럼 목숨은 살려 주지.
end A angry: {matter} 얘길 또 꺼내면 가만두지 않아!
end A happy: {matter}이/가 얼마짜리인지 모르는군?
end A happy: 내일이면 {place}에서 {matter}을/를 기억할 사람은 없어.
end A determined: {matter}은/는 내 것이야. 처음부터.
end A surprised: {matter} 때문에 목숨까지 걸겠다고?
end A sad: 네가 {matter}을/를 몰랐다면 좋았을 텐데.
end A afraid: {matter} 얘기, 누구한테 들었지?
end O afraid: {matter} 다음은 우리 차례야.
end O afraid: {matter} 때문에 {A}이/가 오면 어떡해?
end O sad: 지난번에도 {matter} 때문에 사람을 잃었어.
end O sad: {matter} 때문에 너까지 잃을 순 없어.
end O tender: {matter} 일, 이제 우리 둘이 함께하는 거야.
end O tender: {matter} 앞에서 넌 이제 혼자가 아니야.
end O angry: {matter} 때문에 다칠 만큼 다쳤잖아!
end O angry: 죽기 전에 {matter} 일은 잊어!
end O determined: 도울게. 대신 {matter} 일은 둘만 아는 거야.
end O determined: 그럼 {A}보다 먼저 {matter}을/를 찾자.
end O surprised: 이게 다 {matter} 때문이라고?
end O neutral: 조심해. {place} 어디에나 {A}의 눈이 있어.
end O happy: {matter} 일이라면 {place} 끝까지 맨발로도 가지!
open L neutral: {matter} 생각이 떠나질 않아.
open L determined: {matter} 일, 더는 숨기지 마.
open L afraid: {matter}, 뭔가 이상해.
open L sad: 결국 모든 게 {matter} 때문이야.
open L tender: {matter}까지 이제 한 걸음이야.
open A neutral: 드디어 {matter} 얘기군.
open A happy: {matter}이/가 널 여기로 데려왔군.
open O afraid: 들어 봐. {matter} 얘기야.
open O neutral: {matter}에 대해 알아봤어.
open O tender: {matter} 때문에 너무 오래 힘들었지.
open O surprised: {matter} 얘기, 들으면 못 믿을걸.
rest L tender: {place} 사람들은 {matter}을/를 잊지 않을 거야.
rest L happy: 우리, {matter} 앞에 떳떳하지?
rest L tender: {matter}을/를 위해서, 그리고 우리를 위해서.
rest O happy: {matter} 일도 이제 다 끝났어!
rest O tender: {matter} 때문에 바랄 용기도 없었는데.
rest O tender: {matter} 일은 끝났어. 너도 좀 쉬어.
rest O happy: {place}이/가 온통 {matter} 얘기야!
start L determined: 답을 듣기 전엔 {place}을/를 안 떠나.
start L neutral: {place}에서 하룻밤만 더. 그럼 끝이야.
start L afraid: 왜 하필 오늘 밤, {place}에서지?
start L sad: {place}에선 좋은 일이 없었어.
start L tender: {place}에 돌아온 건 너 때문이야.
start O afraid: {place}에 무슨 일이 생길 거야. 느껴져!
start O tender: {place}에선 꼭 조심하겠다고 약속해.
start O neutral: 벌써 {place} 절반이 네 얘기를 해.
start A neutral: {place}은/는 좁아. 또 보게 될 거야.
start A happy: 볼 수 있을 때 {place}을/를 실컷 봐 두게!
rest L happy: {matter}을/를 위하여.
rest L tender: 그럼, {matter}을/를 위해서.
rest O tender: {matter}을/를 위해, 그리고 널 위해.
end L determined: {matter}부터야.
end L angry: {matter}은/는 안 돼!
end L neutral: {matter}을/를 보여 줘.
end L tender: {matter}은/는 나중에.
end A neutral: {matter}은/는 잊어.
end A happy: {place}은/는 내 거야!
end O tender: {matter}, 조심해.
end O sad: 또 {matter} 때문이네.
"""
