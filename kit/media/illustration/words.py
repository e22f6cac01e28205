# ruff: noqa: E501 (drawings and word lists read better unbroken)
"""Words that say how somebody looks, in English, Chinese and Korean. English ones match whole words; the others anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

Table = tuple[tuple[str, str], ...]
"""Pairs of a part's name and the words for it, divided by `|`; the first pair that matches wins."""


@lru_cache(maxsize=1024)
def _pattern(words: str) -> re.Pattern[str]:
    latin = [word for word in words.split("|") if word.isascii()]
    other = [re.escape(word) for word in words.split("|") if not word.isascii()]
    options = [rf"\b(?:{'|'.join(re.escape(word) for word in latin)})(?:s|es)?\b"] if latin else []
    return re.compile("|".join(options + other), re.IGNORECASE)


def says(text: str, words: str) -> bool:
    """Return whether `text` holds one of the `words` (divided by `|`)."""
    return _pattern(words).search(text) is not None


def first(text: str, table: Iterable[tuple[str, str]]) -> str:
    """Return the name of the first pair whose words are in `text`, or an empty string."""
    return next((name for name, words in table if says(text, words)), "")


def earliest(text: str, table: Iterable[tuple[str, str]]) -> str:
    """Return the name of the pair whose words stand nearest to the beginning of `text`, or an empty string."""
    found = [(match.start(), name) for name, words in table if (match := _pattern(words).search(text))]
    return min(found, key=lambda hit: hit[0])[1] if found else ""


SPECIES: Table = (
    ("cat", "cat|kitten|tabby|tomcat|feline|猫|小猫|고양이|냥이"),
    ("dog", "dog|puppy|hound|retriever|terrier|canine|狗|小狗|犬|강아지|개 한|진돗개|반려견"),
    ("fox", "fox|vixen|狐狸|狐|여우"),
    ("wolf", "wolf|werewolf|狼|늑대"),
    ("bear", "bear|panda|teddy|熊|곰|판다"),
    ("rabbit", "rabbit|bunny|hare|兔|토끼"),
    (
        "bird",
        "bird|crow|raven|owl|sparrow|parrot|eagle|magpie|penguin|鸟|乌鸦|鹦鹉|猫头鹰|麻雀|까마귀|참새|앵무새|새 한|부엉이",
    ),
    (
        "animal",
        "mouse|hamster|squirrel|raccoon|otter|badger|hedgehog|monkey|tiger|lion|animal|creature|老鼠|松鼠|猴|老虎|狮子|动物|다람쥐|원숭이|호랑이|사자|동물",
    ),
)
NOT_ANIMAL = "owner|lover|doctor|vet|trainer|person|man|woman|girl|boy|human|detective|hunter|主人|医生|男|女|人|주인|남자|여자|의사"
SHE = "she|her|hers|她|그녀"
HE = "he|his|him|他|그는"
WOMAN = "female|woman|girl|she|her|lady|mother|mom|daughter|sister|wife|widow|queen|princess|heiress|actress|waitress|grandmother|aunt|bride|女|母|姐|妹|妻|婆|娘|여자|여성|소녀|어머니|엄마|딸|누나|언니|아내|할머니|공주|왕비|그녀"
MAN = "male|man|boy|he|his|him|gentleman|father|dad|son|brother|husband|king|prince|grandfather|uncle|groom|男|父|哥|弟|丈夫|爷|王子|남자|남성|소년|아버지|아빠|아들|오빠|형|남편|할아버지|왕자"
AGES: Table = (
    ("child", "child|kid|little girl|little boy|toddler|schoolchild|six-year-old|seven-year-old|eight-year-old|nine-year-old|ten-year-old|孩子|小女孩|小男孩|儿童|岁的女儿|岁的儿子|아이|꼬마|어린이|초등학생"),
    ("old", "old man|old woman|elderly|elder|aged|aging|ageing|grandfather|grandmother|grandma|grandpa|sixty|seventy|eighty|sixties|seventies|retired|wrinkled|ancient|老人|老太|爷爷|奶奶|外婆|年迈|老者|六十|七十|八十|노인|할머니|할아버지|늙은|칠십|육십|팔십"),
    ("young", "teen|teenage|teenager|student|young|youth|twenties|college|少年|少女|年轻|学生|青年|二十|청년|젊은|학생|소년|소녀|이십대|20대"),
    ("adult", "middle-aged|forties|fifties|thirties|中年|四十|五十|三十|중년|사십|오십|삼십"),
)  # fmt: skip
HAIR_COLOURS: Table = (
    (
        "grey",
        "grey-haired|gray-haired|grey hair|gray hair|greying|graying|silver hair|silver-haired|salt-and-pepper|灰发|银发|花白|斑白|회색 머리|은발|희끗",
    ),
    ("white", "white hair|white-haired|白发|백발|흰머리|하얀 머리"),
    ("platinum", "platinum|ash blonde|铂金|백금발"),
    ("blonde", "blonde|blond|golden hair|fair-haired|fair hair|金发|금발"),
    ("red", "red hair|red-haired|redhead|ginger|auburn|copper hair|红发|빨간 머리|붉은 머리"),
    ("chestnut", "chestnut|栗色|밤색"),
    (
        "black",
        "black hair|black-haired|dark hair|dark-haired|raven hair|jet-black|long black|short black|黑发|乌发|黑色长发|黑色短发|长黑发|흑발|검은 머리|검은머리",
    ),
    ("brown", "brown hair|brown-haired|brunette|棕发|褐发|棕色|갈색 머리|갈색머리"),
    ("pink", "pink hair|粉发|粉色头发|분홍 머리|핑크 머리"),
    ("blue", "blue hair|blue-haired|蓝发|파란 머리"),
    ("violet", "purple hair|violet hair|紫发|보라 머리"),
    ("green", "green hair|绿发|초록 머리"),
)
HAIR: Table = (
    ("hijab", "hijab|headscarf|头巾|히잡"),
    ("turban", "turban|包头|터번"),
    ("bald", "bald|shaven head|shaved head|hairless|光头|秃头|대머리|민머리"),
    ("receding", "receding|balding|thinning hair|秃顶|谢顶|벗겨진"),
    ("afro", "afro|爆炸头|아프로"),
    ("braids", "braid|braids|braided|plait|pigtail|辫|땋은|양갈래"),
    ("ponytail", "ponytail|马尾|포니테일|묶은 머리|묶은머리"),
    ("updo", "updo|chignon|hanbok|hanfu|empress|queen|concubine|发髻|盘发|皇后|贵妃|올림머리|쪽진|중전|왕비"),
    ("bun", "bun|hair up|tied back|pinned up|丸子头|髻|당고|틀어 올린"),
    ("buzz", "buzz cut|crew cut|cropped|shaved|military|soldier|寸头|平头|板寸|군인|짧게 깎은|스포츠머리"),
    ("curls", "curly|curls|frizzy|卷发|곱슬"),
    ("wavy", "wavy|waves|大波浪|波浪|웨이브"),
    ("fringe", "bangs|fringe|刘海|앞머리"),
    ("bob", "bob|short hair|short-haired|chin-length|短发|齐肩|단발"),
    ("messy", "messy|tousled|unkempt|dishevelled|disheveled|wild hair|凌乱|乱发|헝클어진|부스스"),
    ("slick", "slicked|slick|neat hair|背头|油头|올백|포마드"),
    ("spiky", "spiky|spikes|刺猬头|뾰족"),
    ("topknot", "topknot|top knot|samurai|joseon|scholar|束发|发冠|상투|선비"),
    (
        "long",
        "long hair|long-haired|long black hair|long dark hair|flowing hair|long brown hair|long blonde hair|长发|长黑发|긴 머리|긴머리|장발|긴 생머리",
    ),
)
BEARDS: Table = (
    ("none", "clean-shaven|clean shaven|beardless|无须|면도한"),
    ("long-beard", "long beard|white beard|flowing beard|长须|白胡子|长胡子|긴 수염|흰 수염"),
    ("goatee", "goatee|山羊胡|염소수염"),
    ("moustache", "moustache|mustache|小胡子|八字胡|콧수염"),
    ("stubble", "stubble|unshaven|five o'clock shadow|胡茬|胡渣|까칠한 수염|거친 수염"),
    ("beard", "beard|bearded|络腮|胡须|胡子|수염"),
)
GLASSES: Table = (
    ("shades", "sunglasses|dark glasses|shades|墨镜|太阳镜|선글라스"),
    ("eyepatch", "eyepatch|eye patch|one-eyed|眼罩|独眼|안대"),
    ("round", "round glasses|wire-rimmed|spectacles|reading glasses|圆框|圆眼镜|老花镜|동그란 안경|돋보기"),
    ("square", "glasses|bespectacled|眼镜|안경"),
)
CLOTHES: Table = (
    ("gown", "gown|wedding dress|bride|ball dress|evening dress|婚纱|礼服|晚礼服|웨딩드레스|드레스"),
    ("robe", "robe|hanfu|hanbok|kimono|emperor|empress|king|queen|prince|princess|concubine|monk|priestess|wizard|witch|dynasty|swordsman|汉服|龙袍|皇帝|皇后|贵妃|王爷|公主|长袍|道士|将军府|한복|왕세자|세자|임금|왕비|중전|도포|곤룡포"),
    ("armour", "armour|armor|knight|warrior|general|gladiator|盔甲|铠甲|将军|武士|갑옷|장군|기사|무사"),
    ("labcoat", "doctor|surgeon|nurse|physician|scientist|chemist|lab coat|white coat|medic|医生|护士|外科|科学家|白大褂|의사|간호사|과학자|흰 가운"),
    ("uniform", "police|policeman|policewoman|officer|pilot|captain|soldier|military|firefighter|guard|conductor|sailor|astronaut|警察|警官|军人|士兵|飞行员|船长|保安|列车员|경찰|형사반장|군인|소방관|기장|선장|경비|승무원"),
    ("apron", "chef|cook|baker|barista|waiter|waitress|butcher|apron|florist|厨师|面包师|服务员|咖啡师|围裙|요리사|셰프|제빵사|바리스타|종업원|앞치마"),
    ("schoolwear", "student|schoolgirl|schoolboy|pupil|school uniform|class president|校服|学生|高中生|교복|학생|고등학생|중학생"),
    ("hoodie", "hoodie|hacker|gamer|skater|卫衣|帽衫|黑客|후드|해커"),
    ("turtleneck", "turtleneck|high collar|高领|목폴라|터틀넥"),
    ("coat", "coat|trench|overcoat|cloak|cape|detective|inspector|spy|风衣|大衣|斗篷|侦探|코트|망토|형사|탐정"),
    ("jacket", "leather jacket|jacket|biker|mechanic|racer|gangster|driver|photographer|夹克|皮衣|机车|司机|摄影师|재킷|자켓|가죽|점퍼|기사님|정비사"),
    ("suit", "suit|tuxedo|businessman|businesswoman|ceo|lawyer|attorney|executive|boss|billionaire|tycoon|heir|banker|manager|director|president|chairman|secretary|politician|judge|blazer|prosecutor|agent|西装|总裁|律师|董事长|老板|经理|秘书|法官|检察官|正装|정장|양복|사장|회장|대표|변호사|검사|판사|본부장|비서|재벌"),
    ("dress", "dress|skirt|singer|dancer|model|actress|裙|歌手|舞者|演员|원피스|치마|가수|배우|무용수"),
    ("sweater", "sweater|cardigan|jumper|knit|librarian|teacher|grandmother|毛衣|针织|老师|奶奶|스웨터|가디건|니트|선생님|할머니"),
    ("blouse", "blouse|journalist|reporter|heiress|衬衣|记者|블라우스|기자"),
    ("shirt", "shirt|writer|professor|architect|engineer|衬衫|教授|作家|工程师|셔츠|교수|작가|엔지니어"),
    ("tee", "t-shirt|tee|tank top|T恤|티셔츠"),
)  # fmt: skip
COLOURS: Table = (
    ("wine", "burgundy|maroon|wine|crimson|酒红|暗红|와인색|자주"),
    ("red", "red|scarlet|红|빨간|붉은|빨강|레드"),
    ("navy", "navy|dark blue|藏青|深蓝|남색|네이비"),
    ("teal", "teal|turquoise|青绿|청록"),
    ("blue", "blue|蓝|파란|푸른|파랑|블루"),
    ("green", "green|emerald|绿|초록|녹색"),
    ("olive", "olive|khaki|橄榄|卡其|카키|올리브"),
    ("yellow", "yellow|mustard|黄|노란|노랑"),
    ("orange", "orange|橙|주황"),
    ("pink", "pink|rose|粉|분홍|핑크"),
    ("violet", "purple|violet|lavender|紫|보라"),
    ("gold", "gold|golden|金色|금색|황금"),
    ("beige", "beige|cream|camel|sand|米色|驼色|베이지"),
    ("brown", "brown|tan|棕|褐|갈색"),
    ("charcoal", "charcoal|dark grey|dark gray|炭灰|深灰|차콜"),
    ("grey", "grey|gray|silver|灰|银色|회색|은색"),
    ("white", "white|ivory|白|흰|하얀|화이트"),
    ("black", "black|dark|黑|검은|검정|블랙"),
)
GARMENTS = "coat|jacket|suit|dress|gown|shirt|blouse|hoodie|sweater|cardigan|uniform|robe|robes|tie|scarf|cloak|cape|t-shirt|turtleneck|hanbok|hanfu|blazer|jumper|tuxedo|vest|outfit|clothes|apron"
GARMENTS_EAST = "风衣|大衣|外套|西装|裙|礼服|衬衫|衬衣|毛衣|卫衣|校服|长袍|汉服|夹克|斗篷|衣|코트|재킷|자켓|정장|양복|드레스|원피스|셔츠|블라우스|스웨터|후드|한복|교복|점퍼|망토|옷|치마|도포|곤룡포|갑옷|우비"
SKINS: Table = (
    ("porcelain", "pale|porcelain|pale-skinned|fair-skinned|苍白|白皙|창백|하얀 피부"),
    ("deep", "dark-skinned|dark skin|black man|black woman|african|nigerian|deep skin|黑人|黑皮肤|흑인|검은 피부"),
    ("brown", "brown-skinned|brown skin|indian|latina|latino|印度|인도"),
    (
        "tan",
        "tanned|tan skin|olive skin|sunburnt|weathered|bronzed|sailor|fisherman|farmer|黝黑|小麦色|渔|그을린|구릿빛|어부|농부",
    ),
)
HEADWEAR: Table = (
    ("crown", "crown|king|queen|emperor|皇冠|王冠|皇帝|王后|왕관|임금|황제"),
    ("helmet", "hard hat|helmet|construction worker|安全帽|头盔|안전모|헬멧"),
    (
        "cap",
        "cap|police|policeman|policewoman|pilot|captain|conductor|sailor|制服帽|鸭舌帽|警察|警官|船长|모자|경찰|기장|선장",
    ),
    ("beanie", "beanie|woolly hat|毛线帽|비니"),
    ("hat", "hat|fedora|cowboy|礼帽|帽子|중절모"),
    ("headband", "headband|发带|머리띠"),
    ("hairpin", "hairpin|hair pin|concubine|princess|hanbok|hanfu|簪|贵妃|公主|비녀|공주|중전"),
)
MARKS: Table = (
    ("scar", "scar|scarred|疤|伤痕|흉터|상처"),
    ("freckles", "freckle|freckles|freckled|雀斑|주근깨"),
    ("mole", "mole|beauty mark|痣|점이"),
    ("necklace", "necklace|pendant|locket|项链|吊坠|목걸이"),
    ("earrings", "earring|earrings|jewel|jewels|耳环|귀걸이"),
)
EYES: Table = (
    ("#3f7a9c", "blue eyes|blue-eyed|icy eyes|蓝眼|파란 눈|푸른 눈"),
    ("#4c8050", "green eyes|green-eyed|绿眼|초록 눈"),
    ("#8a5f2a", "amber eyes|hazel eyes|golden eyes|琥珀|호박색"),
    ("#6f7a86", "grey eyes|gray eyes|灰眼|회색 눈"),
)
