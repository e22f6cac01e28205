"""Chinese hooks: how an episode ends without ending."""

from __future__ import annotations

TABLE = """
# H door
= 就在这时，有人敲了三下门，[是那个暗号|正是旧日的暗号]，而知道暗号的人早已不在人世。
~ {L}和{F}僵在{sub}里，门把手自己往下沉，一道光落在地上。
F:afraid: 没人知道这个敲法。
L:afraid: 有一个，已经死了。
F:afraid: 那门外是谁？

# H photo
= {clue}背面多了两个字，墨迹还没干：{P}，后面画着一个叉。
~ {sub}里，{L}翻过{clue}；身后虚焦的{P}，笑容一点点收住。
P:neutral: 写了什么？
L:neutral: 没什么，一个日期。
P:afraid: 那你为什么不敢看我？

# H call night
= 午夜，电话响了，那头哭着求{L}救命的，竟是{L}自己的声音。
~ 响着的电话把{sub}照成蓝色，{L}接起来，脸上的血色一点点褪尽。
L:neutral: 你是谁？
P:afraid: {L}，你脸怎么白了？
L:afraid: 那是我的声音，怎么会是我？

# H arrival night
= 灯重新亮起，{A}已经坐在{L}的椅子上了。
~ 黑暗，咔哒一声，光：{A}闲坐在{sub}，手套搁在桌上，{clue}放在膝头。
A:happy: 把门带上，{L}。
L:surprised: 你怎么进来的？
A:neutral: 你猜，是谁给我开的门？

# H missing
= {L}再回头，{F}不见了，楼梯上只剩一只鞋。
~ {L}冲回{sub}，灯还在晃；{P}捏着鞋带，把那只鞋提起来。
L:afraid: {F}？{F}！
P:afraid: 门是从里面锁的。
L:angry: 那他们怎么把人带走的？

# H gun
= 可是{P}没有放下武器，而枪口对着的，并不是{A}。
~ {sub}里一个三角：{A}举着手，{L}在中间，{P}的手臂绷直，微微发颤。
L:neutral: {P}，{A}在那边。
P:sad: 我知道{A}在哪儿。
L:afraid: 那你在瞄准谁？

# H return night
= 末班车上走下来一个人，正是{L}亲手下葬的那个人。
~ 车灯扫过{sub}，一个竖着衣领的人影走下来；{clue}从{L}手里滑落。
F:surprised: 你在抖，那是谁？
L:afraid: 那口棺材，是我抬的。
F:afraid: 那里面躺的是谁？

# H clock
= 墙上的倒计时本该停下，却开始倒着走，越走越快。
~ 红色数字飞过{L}的脸，{sub}里，{P}拼命扯断一根又一根线。
P:afraid: 我都剪了，全剪了！
L:afraid: 它数的不是结束。
P:afraid: 那它在数什么？

# H blood
= {L}这才看见{P}袖口的血，那不是{P}自己的血。
~ {sub}里，{P}伸手去拿杯子，袖口滑了上去；{L}屏住了呼吸。
L:neutral: 你受伤了？
P:neutral: 没有，怎么了？
L:afraid: 那这是谁的血？

# H whisper
= {A}俯身说了一句话，{L}放下{clue}，跟着{A.he}走了出去。
~ {A}的嘴贴着{L}的耳朵；{F}看见{L}的眼神变了，{sub}的门在两人身后合上。
F:afraid: {L}？你去哪儿？
L:sad: 别等我。
F:afraid: {A}跟你说了什么？

# H child
= 假墙后面坐着一个孩子，长着{L}的眼睛，手里拿着{clue}的另一半。
~ {sub}的夹板倒下，手电照出一张小小的脸，一点也不怕；{P}跪了下去。
P:surprised: 原来有两半。
L:tender: 小家伙，这是谁给你的？
P:afraid: 这孩子的眼睛，怎么像你？

# H vote
= 一只手举起来要出卖{L}，又一只，第三只手，是{F}的。
~ {sub}里，逆光中一排举起的手；{L}一个个看过去，停在{F}面前。
L:surprised: 怎么会是你。
F:sad: 我妈在他们手里。
L:afraid: 他们手里还有谁？

# H will
= 文件最后一行写着真正的继承人，不是{L}，也不是{A}，而是{F}。
~ {F}在{sub}里默念着，把纸折得很小很小；{L}伸出手。
L:neutral: 念给我听。
F:afraid: 我念不出口。
L:surprised: 到底是谁的名字？

# H message
= 消息是{P}一小时前发来的，可{P}从中午起就昏迷在{L}身边。
~ {sub}的地上，手机嗡嗡震着；{F}看看屏幕，又看看大衣下面一动不动的{P}。
F:afraid: 是{P}发来的。
L:neutral: {P}就在这儿。
F:afraid: 那是谁在给我们写信？
"""
