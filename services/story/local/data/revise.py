"""What feedback may ask for, and the sentences that carry it out, in English, Chinese and Korean."""

from __future__ import annotations

RENAME = (
    r"(?i:rename|change the name of)\s+(?P<old>[\w .'-]{1,40}?)\s+(?:to|into|as)\s+(?P<new>[A-Z][\w'-]*(?: [A-Z][\w'-]*)*)",
    r"(?i:change)\s+(?P<old>[\w .'-]{1,40}?)'s name to\s+(?P<new>[A-Z][\w'-]*(?: [A-Z][\w'-]*)*)",
    r"(?:把|将)?(?P<old>[\u4e00-\u9fff]{1,6}?)(?:的名字)?(?:改名为|改名叫|改名|改叫|改成|换成)[“「]?(?P<new>[\u4e00-\u9fff]{2,4})",
    r"(?P<old>[가-힣]{2,6}?)(?:의|이의)? 이름을 [\"'“]?(?P<new>[가-힣]{2,5}?)[\"'”]?(?:으로|로) ",
)
MORE = (
    r"\b(?:more|longer|extra|another|additional|add an?)\b[^.]{0,20}\bepisodes?\b|\blonger\b|(?:多|加|增加|"
    r"再来)[一二两三四五六七八九十几0-9]*集|更长|长一点|(?:회차|화|에피소드)를? ?(?:더|늘)|더 길게"
)
FEWER = (
    r"\b(?:fewer|less|cut an?|remove an?|one less)\b[^.]{0,20}\bepisodes?\b|\bshorter\b|(?:少|减少|删掉?)[一二两三四五六七八九十几\d]*集|"
    r"更短|短一点|(?:회차|화|에피소드)를? ?(?:줄|빼)|더 짧게"
)
ENDINGS = {
    "happy": r"happy (?:end|ending)|ends? (?:well|happily)|hopeful end|大团圆|圆满|好结局|happy ?ending|행복한 결말|해피 ?엔딩",
    "sad": r"(?:sad|tragic|bitter|unhappy) (?:end|ending)|ends? (?:badly|sadly|in tragedy)|悲剧|悲伤的?结局|虐|비극|슬픈 결말|새드 ?엔딩",
    "open": r"open (?:end|ending)|ambiguous|cliffhanger (?:end|ending)|开放式?结局|留白|열린 결말",
}
TONES = {
    "dark": r"dark(?:er)?|grim|scar(?:y|ier)|tens(?:e|er)|more suspense|黑暗|更紧张|悬疑感|压抑|어둡|긴장감|무섭",
    "light": r"funn(?:y|ier)|light(?:er)?\b|humou?r|comed(?:y|ic)|轻松|搞笑|幽默|喜剧|유쾌|코미디|가볍|웃기",
    "tender": r"romantic|warm(?:er)?|tender|emotional|sweet(?:er)?|浪漫|温馨|感人|甜|로맨틱|따뜻|감동|애틋",
    "fast": r"fast(?:er)?|quick(?:er)?|more action|pace|节奏|更快|动作戏|빠르|속도감|액션",
}
GENRES = {
    "haunting": r"ghost|horror|haunt|supernatural|恐怖|灵异|鬼故事|공포|귀신|호러",
    "heist": r"heist|robbery|caper|盗窃|夺宝|劫案|하이스트|절도극",
    "scifi": r"sci-?fi|science fiction|futuristic|space opera|科幻|未来世界|공상과학|SF",
    "forbidden_love": r"romance\b|love story|爱情剧|言情|爱情故事|로맨스|멜로",
    "revenge": r"revenge|复仇|복수",
    "mystery": r"mystery|detective story|whodunit|推理|探案|추리|미스터리",
    "rivalry": r"sports drama|rivalry|竞技|라이벌전|스포츠",
    "betrayal": r"betrayal|背叛剧|배신극",
}
ADD_PERSON = (
    (
        r"(?i:add|include|introduce|bring in)\s+(?:an?|another|the)?\s*(?:new )?(?P<role>[a-z][a-z -]{2,30}?)\s*(?:,)?\s*(?:named|"
        r"called)\s+(?P<name>[A-Z][\w'-]*(?: [A-Z][\w'-]*)?)"
    ),
    r"(?:加入|增加|添加|加|引入)(?:一个|一位|一名|一只|个|位)?(?P<role>[\u4e00-\u9fff]{1,8}?)(?:，)?(?:名叫|叫做|叫|名为)[“「]?(?P<name>[\u4e00-\u9fff]{2,4}?)(?=[”」，。！]|$)",
    r"(?P<name>[가-힣]{2,4})(?:이라는|라는) (?:이름의 )?(?P<role>[가-힣 ]{1,12}?)(?:을|를) (?:추가|넣|등장)",
)
ADD_THING = (
    (
        r"(?:add|include|mention|feature|introduce|bring in|use|put in|work in)\s+(?P<thing>(?:an?|the|some|more)?\s*[\w' "
        r"-]{2,50}?)(?=[.,;!?]|\s+(?:to|into|in|as|so|and|that|which|for)\b|$)"
    ),
    r"(?:加入|增加|添加|加上|加|出现|提到)(?P<thing>[\u4e00-\u9fff]{2,16}?)(?=[，。！；]|$)",
    r"(?P<thing>[가-힣 ]{2,20}?)(?:을|를) (?:추가|넣어|등장|언급)",
)
VILLAIN = r"villain|antagonist|rival|enemy|反派|对手|仇人|악역|라이벌|원수"
TONE_LINES = {
    "en": {
        "dark": (
            "No one here sleeps with the light off any more.",
            "Every kindness now has a price written on the back.",
            "Somewhere in the building, something heavy is dragged across a floor.",
            "Even the innocent have started to lie.",
        ),
        "light": (
            "In between, {F} manages to set fire to the soup and blame the cat.",
            "{F} picks the worst possible moment to sneeze.",
            "The brilliant plan has one flaw: {F} is holding the map upside down.",
            "Not even {A} can keep a straight face when the chair collapses.",
        ),
        "tender": (
            "For a moment {L} and {P} forget to let go of each other's hands.",
            "{P} remembers how {L} takes tea, and that hurts more than any threat.",
            "What {L} wants to say fits in three words and will not come out.",
            "Under all the fear there is a warmth that neither of them names.",
        ),
        "fast": (
            "There is no time to think: a door, a staircase, a roof, a jump.",
            "Three minutes, two exits, one key.",
            "{L} is already running before the sentence is finished.",
            "Everything happens at once, and {L} is in the middle of it.",
        ),
    },
    "zh": {
        "dark": (
            "这里再没有人敢关灯睡觉。",
            "每一份好意背后，都写着价钱。",
            "楼里某处，有重物被一寸一寸拖过地板。",
            "连清白的人也开始说谎。",
        ),
        "light": (
            "忙乱之中，{F}把汤烧糊了，还赖在猫身上。",
            "{F}偏偏在最要命的时候打了个喷嚏。",
            "完美的计划只有一个破绽：{F}把地图拿倒了。",
            "椅子塌下去的那一刻，连{A}也没绷住。",
        ),
        "tender": (
            "有一瞬间，{L}和{P}都忘了松手。",
            "{P}还记得{L}喝茶的习惯，这比威胁更让人难受。",
            "{L}想说的话只有三个字，偏偏说不出来。",
            "恐惧底下，有一点谁也没说破的暖意。",
        ),
        "fast": (
            "没有时间多想：一扇门，一段楼梯，一个屋顶，一跃。",
            "三分钟，两个出口，一把钥匙。",
            "话还没说完，{L}已经跑了起来。",
            "所有事同时发生，{L}就站在正中央。",
        ),
    },
    "ko": {
        "dark": (
            "이제 아무도 불을 끄고 잠들지 못한다.",
            "모든 친절의 뒷면에 값이 적혀 있다.",
            "어딘가에서 무거운 것이 바닥을 끌며 지나간다.",
            "죄 없는 사람마저 거짓말을 시작한다.",
        ),
        "light": (
            "그 와중에 {F}은/는 국을 태우고 고양이 탓을 한다.",
            "{F}은/는 하필 가장 위험한 순간에 재채기를 한다.",
            "완벽한 계획의 흠은 하나, {F}이/가 지도를 거꾸로 들었다.",
            "의자가 무너지자 {A}마저 웃음을 참지 못한다.",
        ),
        "tender": (
            "잠시 {L}와/과 {P}은/는 손을 놓는 것을 잊는다.",
            "{P}은/는 {L}이/가 마시던 차를 기억하고, 그것이 어떤 위협보다 아프다.",
            "{L}이/가 하고 싶은 말은 세 마디인데 끝내 나오지 않는다.",
            "두려움 밑에 둘 다 이름 붙이지 못한 온기가 있다.",
        ),
        "fast": (
            "생각할 틈이 없다. 문, 계단, 지붕, 그리고 도약.",
            "삼 분, 출구 둘, 열쇠 하나.",
            "말이 끝나기도 전에 {L}은/는 이미 달리고 있다.",
            "모든 일이 한꺼번에 터지고 그 한가운데에 {L}이/가 있다.",
        ),
    },
}
END_LINES = {
    "en": {
        "happy": (
            "And it ends well, against every forecast: {L} and {P} stay, the doors {at} stay open, and there is laughter "
            "until the lamps go out."
        ),
        "sad": "But it comes too late: {P} does not live to see it, and {L} sets two cups on the table {at} and drinks from only one.",
        "open": (
            "What {L} decides, nobody {at} can say; there is only an open door, a coat gone from its hook, and one "
            "question: stay, or go?"
        ),
    },
    "zh": {
        "happy": "谁也没料到，最后竟是团圆：{L}和{P}都留了下来，{place}的门一直敞着，笑声响到灯火熄灭。",
        "sad": "只是一切来得太迟：{P}没能等到这一天，{L}在{place}的桌上摆了两只杯子，只喝空了一只。",
        "open": "{L}最后选了什么，{place}没有人说得清；只剩一扇敞开的门，一只空了的衣钩，和一个问题：留下，还是离开？",
    },
    "ko": {
        "happy": (
            "모두의 예상을 뒤엎고 끝은 행복하다. {L}와/과 {P}은/는 남고, {place}의 문은 열려 있고, 웃음은 등불이 "
            "꺼질 때까지 이어진다."
        ),
        "sad": "그러나 너무 늦었다. {P}은/는 이날을 보지 못했고, {L}은/는 {place}의 상에 찻잔 둘을 놓고 하나만 비운다.",
        "open": "{L}이/가 무엇을 택했는지 {place}의 누구도 모른다. 열린 문과 비어 있는 못, 그리고 물음 하나. 남을까, 떠날까?",
    },
}
THING_LINES = {
    "en": (
        "It begins with {thing}, though nobody sees it yet.",
        "{thing} turns up again, in the wrong hands this time.",
        "In the end it is {thing} that decides it.",
    ),
    "zh": (
        "谁也没有留意，一切要从{thing}说起。",
        "{thing}再次出现，这一次落在了不该拿的人手里。",
        "到最后，定输赢的正是{thing}。",
    ),
    "ko": (
        "아직 아무도 모르지만, 모든 것은 {thing}에서 시작된다.",
        "{thing}이/가 다시 나타난다. 이번에는 엉뚱한 손에서.",
        "끝을 정하는 것은 결국 {thing}이다.",
    ),
}
MOTIF_LINES = {
    "en": "One thought runs under everything that happens, and the story keeps coming back to it: “{motif}”.",
    "zh": "有一个念头压在所有事情底下，故事一次次回到它身边：“{motif}”。",
    "ko": "모든 일 밑에는 한 가지 생각이 흐르고, 이야기는 거듭 그리로 돌아간다. “{motif}”.",
}
ENTER_LINES = {
    "en": "{name}, {role}, walks in {at} and knows more than a stranger should.",
    "zh": "{role}{name}来到{place}，知道的事比一个外人该知道的多。",
    "ko": "{role} {name}이/가 {place}에 나타난다. 낯선 사람치고는 너무 많이 안다.",
}
FALSE_END = {
    "en": "It looks like the end, and for one night everybody believes it.",
    "zh": "看上去像是结束了，有一夜，所有人都信了。",
    "ko": "끝인 것처럼 보인다. 하룻밤 동안은 모두가 그렇게 믿는다.",
}
