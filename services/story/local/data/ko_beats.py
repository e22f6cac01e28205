"""Korean beats: episode summary, picture and lines for each step of a story."""

from __future__ import annotations

TABLE = """
# S arrival
= {L.role} {L}은/는 가방 하나, 약속 하나만 들고 {place}의 {sub}에 들어선다. 돌아갈 길은 생각하지 않았다.
~ {L}이/가 {sub}의 [문턱|그늘]에 멈춰 서서 [출구를 센다|고요를 듣는다]. 꺼진 등 너머로 {F}이/가 바라본다.
F:surprised: 너였어? [이제 와서?|하필 오늘?]
L:determined: 변명하러 온 거 아니야.
F:afraid: 그럼 {A} 때문이구나.

# S morning day
= {place}에서 {L.role} {L}은/는 아침마다 같은 일을 같은 순서로 한다. 오늘, 그 순서가 어긋난다.
~ 바삐 움직이는 {L}의 손. {sub}, 발소리보다 먼저 [찻잔|물그릇]이 떨린다. {F}이/가 숨차게 뛰어든다.
F:afraid: 나가지 마. [누가 널 찾아.|일이 터졌어.]
L:neutral: 누가?
F:afraid: {A}. 이름까지 대면서.

# S crowd
= {place}에서 {L.role} {L}을/를 눈여겨보는 사람은 없고, {L}은/는 그 편이 좋다. 모두가 바라보는 사람은 {A}이다.
~ {sub}의 사람들이 {A}에게 길을 터 준다. {L}이/가 한 박자 늦게 고개를 숙이고, 두 눈길이 부딪친다.
A:neutral: 우리 [본 적|얘기한 적] 있나?
L:afraid: 아뇨. [있었다면 기억하죠.|사람 잘못 보셨어요.]
A:happy: 다들 날 기억하지.

# S debt
= {L.role} {L}에게는 {place}의 비 새는 방 한 칸과 동전 세 닢, 그리고 규칙 하나가 있다. {A}에게는 빚지지 말 것.
~ {sub}, {L}이/가 나무 탁자에 동전을 늘어놓는다. {F}이/가 고개를 못 들고 한 닢을 더 민다. 빗소리.
F:sad: 나한테 남은 전부야.
L:tender: 넣어 둬. 어떻게든 할게.
F:afraid: {A}이/가 다녀갔어. 다 알아.

# S vow night
= 해마다 이날이면 {L.role} {L}은/는 {place}의 {sub}로 돌아와 촛불을 켜고 같은 맹세를 한다.
~ 촛불 하나, 유리에 비친 얼굴 둘. {L}, 그리고 그 뒤에 꼼짝 않고 선 {W}.
W:sad: 또 한 해가 갔는데, 왔구나.
L:determined: [밝혀질|약속을 지킬] 때까지요.
W:afraid: 그럼 올해로구나.

# I incite
= {incite}
~ {sub}, {L}이/가 [천천히|휙] 돌아선다. 손가락 사이에는 {clue}. {P}이/가 빛 속으로 들어서고 소리가 멀어진다.
P:surprised: 그거 어디서 났어?
L:afraid: [누가 두고 갔어.|날 기다리고 있었어.]
P:determined: 숨겨. 뛰지 말고 따라와.

# I stranger
= {incite} {L}이/가 정신을 차리기도 전에 {P}이/가 오랜 사이처럼 팔짱을 낀다.
~ {P}이/가 {L}을/를 {sub}의 그늘로 끌어당긴다. 움직이는 것은 두 사람의 숨뿐이다.
P:afraid: 웃어. 누가 보고 있어.
L:angry: 난 당신을 몰라요.
P:neutral: 알게 될 거야. [왼쪽.|계속 걸어.]

# I witnessed
= {incite} {F}도 그것을 보았고, 잊어 달라고 빈다. {L}은/는 잊지 못한다.
~ {F}이/가 두 팔로 {sub}의 문을 막는다. {L}이/가 둘 사이에 {clue}을/를 들어 보인다.
F:afraid: 우린 아무것도 못 봤어. 그렇지?
L:determined: 난 다 봤어.
F:sad: 그럼 우리 둘 다 끝이야.

# I offer
= {incite} 그날 저녁 {A}은/는 {L}에게 지나치게 후한 제안을 한다.
~ {A}이/가 {sub}에서 잔 두 개를 채우고 어느 것도 마시지 않는다. {L}은/는 끝내 앉지 않는다.
A:happy: 값을 불러 보게.
L:angry: 무슨 값이요?
A:neutral: [잊어 주는|눈감는|조용히 사는] 값.

# C follow
= {L}은/는 {A}을/를 뒤쫓아 {place2}까지 가고, 거기 있어서는 안 될 사람을 본다.
~ [빗물 흐르는 창|판자 틈] 너머로 두 그림자가 {sub}에서 손을 잡는다. {L}와/과 {P}이/가 숨을 죽인다.
P:surprised: 저 얼굴 알아.
L:determined: 나도. [사진에서 봤어.|장례식에서 봤어.]
P:afraid: 숙여! 이쪽을 봐.

# C night night
= {W}은/는 말하겠다고 한다. 단, {place}에서, 밤에, {clue}을/를 가져온다면.
~ {W}이/가 {sub}의 벽에 등을 대고 앉아 있다. 등불 하나, {clue} 위에 놓인 {L}의 손.
W:afraid: 따라온 사람 없지?
L:neutral: 없어요. 말씀하세요.
W:sad: 한마디마다 친구를 하나씩 잃네.

# C trap
= {P}의 글씨로 된 쪽지가 {L}을/를 {A}의 덫으로 곧장 이끈다.
~ {L}이/가 {sub}의 문을 연다. 의자 하나뿐인 빈방. 등 뒤에서 빗장이 걸린다.
L:surprised: {P}? [거기 있어?|장난치지 마.]
A:happy: {P}이/가 미안하다고 전해 달라더군.
L:angry: {P}에게 무슨 짓을 했어?

# C quarrel
= {clue}을/를 두고 {L}와/과 {P}은/는 크게 다투고, 돌이킬 수 없는 말을 뱉는다.
~ {sub}을/를 사이에 두고 {L}와/과 {P}이/가 마주 선다. 무언가 떨어져 깨지지만 아무도 내려다보지 않는다.
P:angry: 그것 때문에 다 죽일 셈이야?
L:angry: 넌? 평생 숨기게?
P:sad: 난 네가 살았으면 해.

# C training
= {W}은/는 {A}이/가 끝내 배우지 못한 한 가지를 {L}에게 가르친다. 기다리는 법을.
~ {sub}, {W}이/가 [등불을 끈다|{L}의 손바닥에 찻잔을 올린다]. 고요, 그리고 정확한 한 동작.
W:neutral: 다시. 더 천천히.
L:angry: 시간이 없어요!
W:tender: {A}이/가 바라는 게 그 생각이란다.

# C visit
= {A}이/가 흰 꽃을 들고 찾아와 충고 몇 마디와 경고 하나를 남긴다.
~ {A}이/가 {sub}의 탁자에 흰 꽃을 놓고 꽃잎을 하나하나 편다. {L}은/는 앉지 않는다.
A:neutral: {threat_line}
L:determined: 직접 왔네. 겁났구나.
A:angry: 꽃이나 즐기시지.

# C kindness night
= 한 시간 동안 {L}와/과 {P}은/는 {A}을/를 잊는다. {place}에서 국수 한 그릇을 나누며 그 말을 할 뻔한다.
~ {sub}에 나란히 앉은 {L}와/과 {P}. 그릇 하나에서 김이 오르고, 불빛은 노랗고, 거리는 아득하다.
P:tender: 다 끝나면 뭐 할 거야?
L:happy: 자고, 이거 또 먹을래.
P:tender: 나랑?

# C list
= {F}이/가 {A}의 서류에서 명단을 찾아낸다. {L}의 이름이 맨 끝이고, 위의 이름은 모두 지워져 있다.
~ {F}이/가 {sub} 바닥에 종이를 편다. {L}이/가 곁에 무릎을 꿇는다. 떨리는 불빛.
F:afraid: 이 사람들, 다 사라졌어.
L:afraid: 마지막은 누군데?
F:sad: 알잖아.

# C swap
= {L}은/는 {A}의 눈앞에서 {clue}을/를 가짜와 바꿔치고, 몇 초를 남기고 빠져나온다.
~ {sub}, 두 손과 똑같은 꾸러미 두 개, 지나가는 쟁반. {A}이/가 돌아볼 때 {L}은/는 막 소매를 내린다.
A:surprised: 떨고 있군.
L:happy: 손이 차서요. 버릇이에요.
A:neutral: 바래다주지.

# C rumor day
= 하룻밤 사이 {place} 전체가 {L}에게 등을 돌린다. {A}이/가 들려준 이야기가 너무 그럴듯했다.
~ {L}이/가 {sub}을/를 지나자 창이 하나씩 닫히고 아이가 안으로 끌려간다. {F}만 길에 남는다.
L:sad: 너도 믿어?
F:tender: 난 [밥 준 사람|내 눈]을 믿어.
L:tender: 그럼 혼자는 아니네.

# C mask night
= {A}에게 다가가려고 {L}은/는 그 술자리에 앉아, 그 농담에 웃어야 한다.
~ {sub}의 촛불과 은그릇, 너무 많은 잔. {L}은/는 웃지만 상 아래 주먹은 하얗게 질려 있다.
A:happy: 충직한 벗들을 위하여.
L:neutral: [진실|묵은 빚]을 위하여.
A:surprised: 별난 건배로군.

# C chase
= {A}의 사람들이 {place2}에서 {L}와/과 {P}을/를 쫓고, 두 갈래 길 중 하나만 밖으로 이어진다.
~ 달리는 발, 흔들리는 불빛. {L}와/과 {P}이/가 {sub} 틈에 끼어 서로의 입을 막는다.
P:afraid: 왼쪽? 오른쪽?
L:determined: [위로.|둘 다 아냐. 아래로.]
P:surprised: 미쳤어. 마음에 들어.

# C code
= {clue}에 새겨진 것은 날짜였고, 그 날짜는 오늘 밤이다.
~ {sub}, {L}이/가 {clue}을/를 불에 가까이 대자 글자가 떠오른다. {F}이/가 어깨 너머로 읽는다.
F:surprised: 날짜야.
L:afraid: 오늘이야.
F:afraid: 아직 늦지 않았을까?

# M truth
= {W}이/가 마침내 입을 연다. {secret}.
~ {sub}, {W}의 손이 떨린다. {L}은/는 벽에 닿을 때까지 뒷걸음친다. 빛 속에 먼지가 떠돈다.
W:sad: {secret_line}
L:surprised: 다시 말해 봐요.
W:afraid: 쉿. 벽에도 귀가 있어.

# M paper
= {clue}을/를 싸 둔 천 속에서 {L}은/는 접힌 종이를 찾고, 거기 진실이 있다. {secret}.
~ {sub}, 실밥이 뜯기고 누런 종이가 미끄러져 나온다. {F}이/가 읽다가 멈춘다. {L}은/는 이미 안다.
F:surprised: {secret_line}
L:sad: 그 긴 세월을.
F:tender: 앉아. 제발 앉아.

# M overheard
= {place}의 {sub}에 숨은 {L}은/는 아무도 들어서는 안 될 말을 듣는다. {secret}.
~ 어둠 속에 웅크린 {L}의 눈 위로 빛 한 줄. 문 저편에서 {W}이/가 {A}에게 애원한다.
W:afraid: {L}도 알 권리가 있어요!
A:angry: {L}에겐 아무 권리도 없어.
L:surprised: 정말이었어.

# M film night
= {F}이/가 망가진 기록을 한 장 한 장 되살리고, 잘려 나간 것이 드러난다. {secret}.
~ {sub}, 흔들리는 빛이 두 얼굴을 비춘다. 흐린 모습이 또렷해진다. {L}의 손이 탁자 끝을 짚는다.
F:afraid: {secret_line}
L:angry: 다시 보여 줘.
F:sad: 몇 번을 봐도 같아.

# M reunion
= {L}은/는 {place}에서 {W}을/를 막아서고, 오랜 침묵이 깨진다. {secret}.
~ {L}이/가 {sub}의 문을 건다. {W}이/가 계단에 주저앉아 얼굴을 감싼다.
L:angry: 내 눈 보고 또 속여 봐요.
W:sad: {secret_line}
L:sad: 그걸 알고 날 그냥 뒀어요?

# R confession
= 남의 입으로 듣기 전에 {P}이/가 먼저 말한다. {secret2}.
~ {P}이/가 가진 것을 모두 {sub} 바닥에 내려놓고 더 다가오지 않는다. {L}은/는 창으로 고개를 돌린다.
P:sad: {secret2_line}
L:angry: 나가.
P:tender: 미워해도 돼. [듣기만 해 줘.|{A}만 믿지 마.]

# R exposed
= {A}은/는 웃으며 {L}에게 가장 나쁜 것을 보여 준다. {secret2}.
~ {A}이/가 {sub}의 탁자에 종이 한 장을 놓는다. {P}이/가 눈을 감는다. {L}이/가 두 사람을 번갈아 본다.
A:happy: 물어봐, {P}에게.
L:afraid: 거짓말이라고 해 줘.
P:sad: {secret2_line}

# R switch
= {F}이/가 {A}의 죄로 끌려가고, 그것을 풀 열쇠는 {P}의 비밀뿐이다. {secret2}.
~ {sub}의 벽을 불빛이 훑는다. 손이 묶인 {F}이/가 끌려가며 {L}을/를 돌아본다.
F:afraid: 내가 아냐! 말 좀 해 줘!
P:sad: {secret2_line}
L:angry: 그래서 보고만 있었어?

# R cage
= 숨은 곳은 처음부터 안전하지 않았다. {L}은/는 너무 늦게 안다. {secret2}.
~ {sub}의 불이 한꺼번에 켜진다. 문가에 선 {P}이/가 고개를 들지 못한다.
L:surprised: 문을 잠근 게 너야.
P:sad: {secret2_line}
L:sad: 딱 한 사람 믿었어. 딱 하나.

# D loss
= {A}이/가 움직인다. {threat}. {L}은/는 남은 것을 안고 홀로 남는다.
~ {sub}에 연기가 흐른다. {L}이/가 상한 {clue}을/를 안고 바닥에 앉아 있다. {A}은/는 목소리를 높이지 않는다.
A:neutral: {threat_line}
L:sad: 다 가져갔잖아.
A:happy: 아직 하나 남았지.

# D grave dawn
= {L}은/는 그만두려 한다. 가장 어두운 때 {W}이/가 와서 곁에 앉고, 위로는 하지 않는다.
~ {sub} 앞 돌의자, 나란한 두 등, 첫 새벽빛. {W}이/가 둘 사이에 {clue}을/를 놓는다.
L:sad: 전 못 이겨요.
W:neutral: 못 이기지. 하지만 끝낼 순 있어.
L:tender: {F}처럼 말하시네요.

# D letter dawn
= 아침에 {P}은/는 없고, 따라오지 말라는 쪽지만 남아 있다. 그사이 {threat}.
~ {sub}의 흐트러진 자리, 열린 창. {L}이/가 쪽지를 두 번 읽자 바람이 가져간다. 문가에 {F}.
F:sad: 날 밝기 전에 갔어.
L:angry: {A}에게 간 거야.
F:afraid: 혼자? 죽으러 간 거잖아!

# D verdict
= {place}에서 {L}을/를 위해 나서는 이는 아무도 없다. 게다가 {threat}.
~ {sub}, 줄줄이 내리깐 눈. 한가운데 {L}, 높은 자리에서 손톱을 보는 {A}.
A:happy: 말할 사람 없나?
F:afraid: 제가요. 떨리지만 할게요.
A:angry: 앉아!

# X climax
= {climax}
~ {sub}의 모든 것이 멎는다. {A}와/과 한 걸음 사이에 선 {L}, 빛 속에 든 {clue}, 그 뒤의 {P}.
A:angry: 감히!
L:determined: {climax_line}
P:surprised: 봐, 다들 듣고 있어.

# X price
= {A}에게 닿으려면 {clue}을/를 버려야 하고, {L}은/는 눈 하나 깜빡이지 않는다. {climax}
~ {sub} 바닥에 놓인 {clue}. 낮고 긴 화면, 그림자 둘, 아무도 먼저 허리를 굽히지 않는다.
A:happy: 빈손으로 왔군.
L:determined: {climax_line}
A:afraid: 잠깐, 무슨 짓을 한 거지?

# X ally
= 마지막 순간 {P}이/가 모두 앞에서 편을 바꾼다. {climax}
~ {P}이/가 {A}의 곁을 떠나 물을 건너듯 천천히 {sub}을/를 가로지른다. {A}의 웃음이 꺼진다.
A:angry: {P}! 돌아와!
P:determined: 아니요. [다시는.|이제 집이에요.]
L:determined: {climax_line}

# X count
= 시간이 다 되고, {L}은/는 달아나지 않는다. {climax}
~ {sub}, 떨어지는 땀 한 방울, 흔들리지 않는 {L}의 눈. {F}이/가 낮게 수를 센다.
F:afraid: 이제 열 남았어!
L:determined: {climax_line}
A:surprised: 그럴 리가 없어.

# E ending dawn
= {ending}
~ 첫 햇살이 {sub}을/를 넘는다. {L}이/가 눈을 감고 볕을 쬔다. 한 걸음 뒤에 {P}.
P:tender: 끝난 거야?
L:happy: {ending_line}

# E table
= {ending} {F}이/가 이 일이 시작된 뒤 처음으로 웃는다.
~ {sub}의 밥상, 짝 안 맞는 잔들, 저마다 떠드는 소리. {L}은/는 끝자리에서 조용히 바라본다.
F:happy: {L}, 한마디 해!
L:tender: {ending_line}
F:happy: 그게 다야?

# E road
= {ending} {W}은/는 한결 가벼운 걸음으로 {place}을/를 떠난다.
~ {sub} 모퉁이에서 {W}이/가 손을 든다. {L}와/과 {P}은/는 그 모습이 점이 될 때까지 바라본다.
W:tender: 약속을 지켰구나.
L:tender: {ending_line}

# E last day
= {ending} 오랜 뒤에도 {place} 사람들은 이 이야기를 할 때 목소리를 낮춘다.
~ 한 철이 지난 {sub}, 같은 창. {L}이/가 {clue}을/를 창가에 놓고 해 쪽으로 돌린다.
P:happy: 결국 간직했네.
L:happy: {ending_line}

# C silence
= 누군가 {matter_long}을/를 잊으라며 다달이 {W}에게 돈을 보낸다. 이달 봉투에는 {A}의 도장이 찍혀 있다.
~ {sub}, {W}이/가 뜯지 않은 봉투를 밀어 놓는다. {L}은/는 손대지 않는다.
W:sad: 한 푼도 쓰지 않았다.
L:angry: 그래도 입은 다무셨죠.
W:afraid: 나도 식구가 있단다.

# C newsman
= {L}이/가 {matter} 이야기를 꺼내자 문이란 문은 다 닫히고, {F}의 문만 한 뼘 열려 있다.
~ {sub}, {F}이/가 문을 한 뼘 연다. 비에 젖은 {L}이/가 몸을 틀어 들어온다.
F:afraid: 누가 본 사람 없지?
L:neutral: {A} 쪽 사람들만.
F:surprised: 사람들만? 얼른 들어와!

# C twoversions
= {matter_long}에 대한 이야기는 둘이다. 하나는 {A}이/가 하는 말, 하나는 {P}이/가 끝내 잇지 못하는 말.
~ {sub}, {P}이/가 말을 하다 말고 고개를 돌린다. {L}은/는 팔짱을 낀 채 기다린다.
L:neutral: 하던 말 마저 해.
P:sad: 다 들으면 날 다르게 볼 거야.
L:determined: 그건 들어 봐야 알지.

# C copycat night
= 누군가 {L}보다 먼저 {matter}에 손을 댔다. 남은 자리는 말끔하고, {A}의 냄새만 감돈다.
~ {sub}, {L}의 손가락이 먼지 하나 없는 선반을 훑는다. {P}은/는 문가를 지킨다.
L:surprised: 먼지 하나 없어.
P:afraid: 한 시간 전에 다녀간 거야.
L:angry: 우리가 온다고 누가 일러 준 거지.

# D blamed
= 저녁이 되자 {matter}의 일은 모두 {L}의 탓이 되어 있다. {threat}.
~ 찢긴 종이가 {sub}에 흩날린다. 조각마다 {L}의 이름이다. {A}이/가 계단에서 내려다본다.
L:sad: 한마디도 빠짐없이 믿네.
A:happy: 사람들은 쉬운 이야기를 좋아하지.
L:angry: 그럼 진짜 이야기를 들려줘야지.

# D nothingleft dawn
= {matter}을/를 증명할 것은 하룻밤 사이에 모두 사라졌다. {threat}.
~ 빈 서랍, 열린 문, {sub}의 희뿌연 빛. {L}이/가 텅 빈 자리에 서 있고 곁에 {F}이/가 있다.
F:sad: 다 없어졌어, {L}.
L:sad: 아니, 내가 기억해.
F:afraid: 그럼 다음은 너야.

# M shown
= {matter}의 실마리는 돌고 돌아 처음 자리에서 끝나고, 그곳에 {W}이/가 앉아 있다. {secret}.
~ {W}이/가 한 번도 떠난 적 없는 듯 {sub}에 앉아 있다. {L}은/는 선 채로 숨을 몰아쉰다.
L:determined: 어떻게 된 일인지 아시죠.
W:sad: {secret_line}
L:surprised: 여태 아무도 묻지 않았어요?

# X named
= 모두 앞에서 {L}이/가 {matter}의 진실을 낱낱이 말한다. {climax}
~ {sub}, {L}이/가 맨 뒷줄에서도 보이게 의자 위에 올라선다. {A}은/는 벌써 문 쪽으로 걷는다.
A:angry: 누가 좀 막아!
L:determined: {climax_line}
F:happy: 끝까지 말하게 해 줘!

# I ev_told
= {incite}
~ {L}이/가 {sub}에서 입을 가린 채 굳어 있다. 그 얼굴을 본 {F}이/가 들고 있던 것을 내려놓는다.
F:surprised: 귀신이라도 본 얼굴이네.
L:afraid: {matter} 일이야. 일단 앉아 봐.
F:afraid: 또 누가 알아?

# I ev_proof
= {incite}
~ {L}이/가 {sub} 바닥에 모든 것을 한 줄로 늘어놓는다. 들여다보던 {P}의 웃음이 사라진다.
L:surprised: 내가 잘못 본 거라고 말해 줘.
P:afraid: 아니, 정말 {matter}이/가 맞아.
L:determined: 그럼 누가 우릴 다 속인 거네.

# I ev_denied
= {incite} {L}이/가 찾아가 알리지만 {A}은/는 이미 알고 있다.
~ {sub}, {A}은/는 고개도 들지 않고 글을 쓴다. {L}이/가 책상에 두 손을 짚는다.
L:angry: {matter}에 대해 물어보시죠.
A:neutral: 덮어 둘 일이었어.
L:surprised: 그럼, 처음부터 알았어요?
"""
