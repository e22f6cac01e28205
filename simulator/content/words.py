"""Names and sentence parts per language, from which the texts are put together."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Lexicon:
    """One language's material. In the sentence patterns `{a}` and `{b}` are names, `{w}` and `{v}` words of the prompt."""

    women: tuple[str, ...]
    men: tuple[str, ...]
    looks: tuple[str, ...]
    plots: tuple[str, ...]
    pictures: tuple[str, ...]
    lines: tuple[str, ...]
    titles: tuple[str, ...]
    notes: tuple[str, ...]
    stop: frozenset[str]


_STOP = (
    "about above after again against also among because been before being between both cannot could does "
    "doing down during each episode episodes every exactly following from further have having here into "
    "itself json just language make more most must nor only other over premise return same scene scenes "
    "schema should some story such than that their them then there these they this those through under "
    "until user very was were what when where which while with write would your drama character "
    "characters short vertical with who whom why will the and for are but not you all any can her his how "
    "its may new now one our out own she too two use three four five string null true false number output "
    "give gives given using title description named called find finds "
)
ENGLISH = Lexicon(
    women=("Mara", "Ines", "Yuna", "Clara", "Odile", "Nadia", "Rosa", "Freya", "Lena", "Sofia"),
    men=("Jonas", "Tariq", "Mateo", "Felix", "Haru", "Viktor", "Emil", "Oscar", "Idris", "Leo"),
    looks=(
        "{a} is drawn to {w} and hides an old debt behind a calm face and a grey coat.",
        "{a}, quick and stubborn, knows more about {w} than anyone should.",
        "{a} wears a faded scarf and has never forgiven {v}.",
        "{a} smiles easily, keeps notes about {w} and trusts nobody.",
    ),
    plots=(
        "{a} finds proof that {w} was never an accident, and {b} begs for silence.",
        "{b} betrays {a} over {w}; only {v} can still be saved.",
        "{a} and {b} race to reach {w} before {v} is lost for good.",
        "A stranger asks {a} about {w}, and {b} finally tells the truth about {v}.",
    ),
    pictures=(
        "{a} faces {b} beside {w}, rain on the glass, warm side light, close framing",
        "{a} turns away from {w} while {b} watches from the doorway, low angle, dusk",
        "{a} holds {w} in both hands, {b} out of focus behind, soft morning light",
    ),
    lines=(
        "You knew about {w} all along.",
        "If we lose {w}, we lose everything.",
        "Look at me, {b}. This is about {v}.",
        "I never asked you to save {w}.",
        "Then we end it tonight, {b}.",
    ),
    titles=("The Secret of {w}", "What {a} Knew", "Before {w}", "{w} and {v}", "The Last {w}"),
    notes=(
        "The stakes around {w} are clear; let {a} decide sooner.",
        "The turn with {v} arrives without preparation: plant it in the first scene.",
        "{b} needs a wish that collides with {a}.",
    ),
    stop=frozenset(_STOP.split()),
)
CHINESE = Lexicon(
    women=("林晚", "苏晴", "沈月", "顾念", "江雪", "叶岚"),
    men=("陆川", "周野", "程远", "韩默", "秦风", "许舟"),
    looks=("{a}外表冷静，内心始终放不下{w}。", "{a}总是微笑，却从不相信任何人，尤其在{w}这件事上。"),
    plots=("{a}发现{w}并非意外，{b}请求她保持沉默。", "{b}为了{w}背叛了{a}，只剩{v}还能挽回。"),
    pictures=("{a}与{b}在{w}旁对峙，雨夜，侧光，近景", "{a}捧着{w}，{b}在身后虚焦，晨光"),
    lines=("你早就知道{w}，对吗？", "失去{w}，我们就什么都没有了。", "看着我，{b}，这和{v}有关。"),
    titles=("{w}的秘密", "{a}知道的事", "{w}之前"),
    notes=("{w}的利害关系清楚，让{a}更早做出选择。", "{b}需要一个与{a}冲突的愿望。"),
    stop=frozenset(),
)
KOREAN = Lexicon(
    women=("서연", "지우", "하은", "수아", "민서", "채원"),
    men=("도윤", "시우", "준호", "현우", "지훈", "태오"),
    looks=("{a}은(는) 차분해 보이지만 {w}을(를) 잊지 못한다.", "{a}은(는) 잘 웃지만 {w} 앞에서는 누구도 믿지 않는다."),
    plots=(
        "{a}은(는) {w}이(가) 사고가 아니었음을 알게 되고 {b}은(는) 침묵을 부탁한다.",
        "{b}은(는) {w} 때문에 {a}을(를) 배신한다.",
    ),
    pictures=("{w} 옆에서 {b}을(를) 마주한 {a}, 비 오는 밤, 측면광", "{w}을(를) 든 {a}, 뒤에 흐릿한 {b}, 아침 빛"),
    lines=("너는 {w}을(를) 알고 있었지?", "{w}을(를) 잃으면 전부 끝이야.", "{b}, 나를 봐."),
    titles=("{w}의 비밀", "{a}만 아는 것", "{w} 이전"),
    notes=("{w}의 위험은 분명하다. {a}이(가) 더 일찍 선택해야 한다.",),
    stop=frozenset(),
)
LEXICONS = {"en": ENGLISH, "zh": CHINESE, "ko": KOREAN}

TONES = ("warm", "husky", "bright", "velvety", "dry", "clear")
PITCHES = ("low", "medium-low", "medium", "medium-high", "high")
PACES = ("unhurried", "measured", "quick", "clipped", "slow")
ACCENTS = ("neutral", "soft northern", "light coastal", "crisp city", "gentle rural")
FEELINGS = ("guarded but tender", "restless and hopeful", "calm with hidden grief", "proud and brittle", "playful")
STYLES = ("conversational", "whispering close to the microphone", "formal and precise", "theatrical", "plain-spoken")
EMOTIONS = ("neutral", "happy", "sad", "angry", "afraid", "surprised", "tender", "determined")
