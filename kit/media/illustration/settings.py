# ruff: noqa: E501 (drawings and word lists read better unbroken)
"""Choosing the place of a scene from its words."""

from __future__ import annotations

from kit.media.illustration import words

PLACES: words.Table = (
    (
        "spaceship",
        "spaceship|starship|spacecraft|space station|cockpit|bridge of the ship|airlock|orbit|飞船|太空|宇宙飞船|空间站|우주선|우주정거장|우주",
    ),
    ("lab", "lab|laboratory|research facility|server room|control room|实验室|机房|控制室|실험실|연구소|연구실|서버실"),
    ("courtroom", "court|courtroom|trial|tribunal|法庭|法院|审判|법정|재판|법원"),
    (
        "hospital",
        "hospital|clinic|ward|emergency room|operating room|operating theatre|医院|病房|急诊|手术|诊所|병원|병실|응급실|수술실",
    ),
    (
        "school",
        "school|classroom|campus|university|lecture hall|academy|教室|学校|校园|课堂|大学|학교|교실|강의실|캠퍼스",
    ),
    ("library", "library|bookshop|bookstore|archive|study full of books|图书馆|书店|书房|도서관|서점|서재"),
    (
        "warehouse",
        "warehouse|factory|garage|basement|cellar|hangar|parking|bunker|仓库|工厂|车库|地下室|停车场|창고|공장|차고|지하실|주차장|지하",
    ),
    (
        "prison",
        "prison|jail|cell|dungeon|interrogation|police station|监狱|牢|审讯|警局|감옥|교도소|취조실|경찰서|유치장",
    ),
    ("rooftop", "rooftop|roof|terrace|balcony|屋顶|天台|楼顶|阳台|옥상|지붕|발코니|테라스"),
    (
        "train",
        "train carriage|train car|carriage|on the train|inside the train|subway car|compartment|aboard the train|night train|车厢|火车上|列车上|地铁上|객실|기차 안|열차 안|지하철 안",
    ),
    (
        "station",
        "station|platform|subway|railway|train|airport|metro|terminal|火车站|车站|站台|地铁|月台|机场|火车|기차역|역|승강장|플랫폼|지하철|공항|기차|열차",
    ),
    ("ferry", "ferry|deck|ship|boat|yacht|sailing|渡轮|甲板|游轮|船上|轮船|船|여객선|갑판|유람선|배 위|요트|페리"),
    ("harbour", "harbour|harbor|port|dock|pier|wharf|lighthouse|quay|港|码头|灯塔|항구|부두|선착장|등대"),
    ("sea", "sea|ocean|beach|shore|coast|seaside|cliff|island|海|沙滩|海边|海岸|岛|바다|해변|바닷가|해안|섬"),
    ("desert", "desert|dune|dunes|sand|oasis|wasteland|沙漠|沙丘|戈壁|사막|모래"),
    (
        "forest",
        "forest|wood|woods|jungle|grove|trees|park|garden|森林|树林|丛林|竹林|公园|花园|林|숲|정글|대나무|공원|정원",
    ),
    (
        "mountain",
        "mountain|mountains|summit|peak|ridge|valley|cabin in the hills|hill|山|峰|谷|悬崖|산속|산길|산|봉우리|계곡|절벽|언덕",
    ),
    (
        "palace",
        "palace|temple|pagoda|shrine|throne|dynasty|imperial|courtyard|royal|monastery|宫|殿|庙|寺|皇|府邸|庭院|궁|궁궐|사찰|절|왕실|전각|한옥|사당",
    ),
    (
        "church",
        "church|cathedral|chapel|wedding|altar|graveyard|cemetery|funeral|教堂|婚礼|墓|葬礼|교회|성당|결혼식|예식|장례|묘지",
    ),
    (
        "restaurant",
        "restaurant|cafe|café|coffee|bar|diner|bistro|pub|teahouse|banquet|nightclub|club|餐厅|餐馆|咖啡|酒吧|茶馆|酒馆|宴会|식당|레스토랑|카페|술집|주점|찻집|클럽|포장마차|바에서",
    ),
    ("kitchen", "kitchen|bakery|stove|厨房|灶|面包店|주방|부엌|빵집"),
    ("bedroom", "bedroom|bed|hotel room|dormitory|nursery|attic|卧室|床|酒店房间|宿舍|침실|침대|호텔방|기숙사|다락"),
    (
        "office",
        "office|boardroom|meeting room|conference|desk|headquarters|lobby|newsroom|办公室|会议室|公司|大堂|总部|사무실|회의실|회사|로비|본사|회장실|대표실",
    ),
    (
        "living",
        "living room|apartment|sofa|couch|fireplace|parlour|parlor|mansion|home|house|villa|drawing room|客厅|公寓|沙发|壁炉|别墅|家里|家中|거실|아파트|소파|벽난로|저택|집|별장",
    ),
    (
        "shop",
        "shop|store|market|boutique|mall|stall|jeweller|repair|workshop|商店|超市|市场|店|摊|集市|가게|상점|시장|매장|편의점|백화점|공방",
    ),
    (
        "citywindow",
        "penthouse|window|skyline|skyscraper|high-rise|suite|顶层|落地窗|窗|摩天|펜트하우스|창가|창문|고층|스위트룸|스카이라인",
    ),
    (
        "street",
        "street|alley|road|crosswalk|sidewalk|neon|city|town|bridge|lane|square|car|taxi|街|巷|路|城市|霓虹|桥|广场|车|거리|골목|도로|도시|네온|다리|광장|횡단보도|택시|차 안|길",
    ),
    ("village", "village|farm|field|countryside|cottage|meadow|barn|村|田|乡|农|草地|마을|시골|농장|들판|논|밭|초원"),
)
NAMES = tuple(name for name, _ in PLACES)
OUTDOORS = frozenset(
    {"rooftop", "station", "ferry", "harbour", "sea", "desert", "forest", "mountain", "palace", "street", "village"}
)
UNLIT = OUTDOORS | {"citywindow", "spaceship", "lab", "prison", "warehouse"}
"""Places that a lamp does not make warm at night."""
_HOURS = {"citywindow": "night", "rooftop": "night", "street": "night", "bedroom": "night", "warehouse": "night", "prison": "night", "ferry": "dusk", "harbour": "dusk", "palace": "dusk", "desert": "dusk", "restaurant": "night", "train": "night", "station": "night", "living": "night", "church": "dusk", "spaceship": "night", "lab": "night"}  # fmt: skip
_FALLBACK = ("citywindow", "street", "living", "rooftop", "restaurant")


def place_of(description: str, prompt: str, seed: int) -> str:
    """Return one of `NAMES`. The description decides before the prompt, and in it the place that is named first; if nothing is named the
    seed picks one of the common places."""
    if words.says(description, dict(PLACES)["spaceship"]):
        return "spaceship"  # it has a bridge and corridors of its own
    for text in (description, prompt):
        found = words.earliest(text, PLACES)
        if found:
            return found
    return _FALLBACK[seed % len(_FALLBACK)]


def usual_hour(place: str) -> str:
    """Return the hour at which a place looks its best when nobody says otherwise."""
    return _HOURS.get(place, "day")
