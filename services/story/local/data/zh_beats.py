"""Chinese beats: episode summary, picture and lines for each step of a story."""

from __future__ import annotations

TABLE = """
# S arrival
= {L}，{L.role}，提着一只箱子来到{place}的{sub}，带着一个承诺，没带退路。
~ {L}停在{sub}[门口|的阴影里]，[数着出口|听着寂静]；{F}隔着一盏冷灯看过来，手里的杯子停在半空。
F:surprised: 是你？[这么多年了。|偏偏今天？]
L:determined: 我不是来叙旧的。
F:afraid: 那你是冲着{A}来的。

# S morning day
= 在{place}，{L.role}{L}每天清早都按同样的顺序做同样的事，今天，这个顺序乱了。
~ 特写：{L}在{sub}里忙活的双手；脚步声还没到，[碗|杯子]里的水先颤了一下。{F}气喘吁吁闯进来。
F:afraid: 别出去，[有人找你。|出事了。]
L:neutral: 谁？
F:afraid: {A}，点名要见你。

# S crowd
= 在{place}，没有人会多看{L.role}{L}一眼，这样正好；人人都看的，是{A}。
~ 人群在{sub}为{A}让开一条路，{L}低头慢了半拍，两人的目光撞在一起。
A:neutral: 我们[见过|说过话]吗？
L:afraid: 没有，[见过我会记得。|您认错了。]
A:happy: 人人都记得我。

# S debt
= {L}，{L.role}，守着{place}一间漏雨的屋子，口袋里三枚硬币，心里一条规矩：不欠{A}的。
~ {sub}里，{L}把硬币一枚枚排在木桌上，{F}又推过来一枚，不敢抬头。雨点敲着屋顶。
F:sad: 我只剩这个了。
L:tender: 你留着，我有办法。
F:afraid: {A}来过了，都知道了。

# S vow night
= 每年这一天，{L.role}{L}都要回到{place}的{sub}，点一支蜡烛，念一遍同样的誓言。
~ 一支烛火，玻璃上映出两张脸：{L}，还有身后一动不动的{W}。
W:sad: 又一年了，你还来。
L:determined: 来到[水落石出|说到做到]为止。
W:afraid: 那就是今年了。

# I incite
= {incite}
~ {sub}里，{L}[缓缓|猛地]转身，指间捏着{clue}；{P}走进灯下，四周的声音一下子退远。
P:surprised: 这东西你从哪儿来的？
L:afraid: [有人留给我的。|它自己在等我。]
P:determined: 收好，别跑，跟我走。

# I stranger
= {incite}{L}还没回过神，{P}已经挽住{L}的胳膊，像认识了半辈子。
~ {P}把{L}拉进{sub}的暗处，两个人的呼吸是画面里唯一在动的东西。
P:afraid: 笑，有人盯着。
L:angry: 我不认识你。
P:neutral: 会认识的，[往左。|接着走。]

# I witnessed
= {incite}{F}也看见了，求{L}忘掉；{L}忘不掉。
~ {F}张开双臂拦在{sub}门口，{L}把{clue}举到两人中间。
F:afraid: 我们什么都没看见，你说！
L:determined: 我全看见了。
F:sad: 那咱俩都完了。

# I offer
= {incite}当天晚上，{A}给{L}开了一个好得不像真的条件。
~ {A}在{sub}倒了两杯酒，一杯也没喝；{L}始终站着。
A:happy: 开个价吧。
L:angry: 买什么？
A:neutral: 买你[忘记|闭眼|安静]。

# C follow
= {L}尾随{A}来到{place2}，看见{A.he}同一个绝不该出现的人见面。
~ 隔着[蒙着雨水的玻璃|一道木板缝]，{L}和{P}看见两个影子在{sub}握手。
P:surprised: 那张脸我认得。
L:determined: 我也认得，[照片上有。|葬礼上见过。]
P:afraid: 低头，看过来了！

# C night night
= {W}肯开口，条件有三个：只在{place}，只在夜里，只许{L}带着{clue}来。
~ {W}背靠着{sub}的墙坐着，中间一盏灯，{L}的手按在{clue}上。
W:afraid: 有人跟着你吗？
L:neutral: 没有，说吧。
W:sad: 我每说一句，就少一个朋友。

# C trap
= 一张{P}笔迹的字条，把{L}直直引进了{A}的圈套。
~ {L}推开{sub}的门：空的，一把椅子，一部在响的电话。门闩在背后落下。
L:surprised: {P}？[你在吗？|别闹了。]
A:happy: {P}让我捎句抱歉。
L:angry: 你把{P}怎么了？

# C quarrel
= 为了{clue}，{L}和{P}大吵一架，说了收不回来的话。
~ {L}和{P}隔着{sub}对峙，有什么东西掉在中间摔碎了，谁也没低头。
P:angry: 为了它，你要烧死所有人吗？
L:angry: 那你呢？藏一辈子？
P:sad: 我只想你活着。

# C training
= {W}教给{L}一件{A}从没学会的事：等。
~ {sub}里，{W}[吹熄了灯|在{L}掌心放了一只茶杯]；一片寂静，然后是精准的一下。
W:neutral: 再来，慢一点。
L:angry: 没时间了！
W:tender: {A}就盼着你这么想。

# C visit
= {A}带着白花登门，留下几句忠告，和一句警告。
~ {A}把白花摆在{sub}的桌上，一瓣一瓣理好；{L}没有坐。
A:neutral: {threat_line}
L:determined: 亲自来，说明你怕了。
A:angry: 好好赏花吧。

# C kindness night
= 有一个钟头，{L}和{P}把{A}忘了；他们在{place}分一碗热面，差一点就把那句话说出口。
~ {L}和{P}肩并肩坐在{sub}，一只碗冒着热气，灯光暖黄，城市在很远的下面响。
P:tender: 等完事了，你去哪儿？
L:happy: 睡一觉，再来吃这碗面。
P:tender: 带上我吗？

# C list
= {F}在{A}的文件里翻出一张名单，{L}的名字排在最后，前面的都划掉了。
~ {F}把纸摊在{sub}的地上，嘴里咬着手电；{L}蹲到旁边。
F:afraid: 这些人，全没了。
L:afraid: 最后一个是谁？
F:sad: 你知道是谁。

# C swap
= 就在{A}眼皮底下，{L}用赝品换走了{clue}，脱身时只差几秒。
~ {sub}里，两只手，两个一样的包裹，一只经过的托盘；{A}回头时，{L}刚理好袖口。
A:surprised: 你在发抖。
L:happy: 手凉，老毛病。
A:neutral: 我送你出去。

# C rumor day
= 一夜之间，整个{place}都背过脸去：{A}讲了一个故事，讲得太好了。
~ {L}走过{sub}，窗一扇接一扇关上，孩子被拽回屋里；只有{F}还站在路中间。
L:sad: 你也信吗？
F:tender: 我信[给我饭吃的人|自己的眼睛]。
L:tender: 那我就不是一个人。

# C mask night
= 为了接近{A}，{L}坐上了{A.he}的酒席，还得为{A.he}的笑话发笑。
~ {sub}里烛光、银器、太多酒杯；{L}在笑，桌下的指节却攥得发白。
A:happy: 敬忠心的朋友。
L:neutral: 敬[真相|旧账]。
A:surprised: 这酒敬得奇怪。

# C chase
= {A}的人在{place2}追赶{L}和{P}，两条路，只有一条走得出去。
~ 奔跑的脚，摇晃的灯；{L}和{P}挤进{sub}的夹缝，互相捂住对方的嘴。
P:afraid: 左还是右？
L:determined: [往上。|都不走，往下。]
P:surprised: 你疯了，我喜欢。

# C code
= {clue}上的记号是一个日期，日期就是今晚。
~ {sub}里，{L}把{clue}凑近火苗，空白处慢慢浮出字来；{F}从肩后凑过来念。
F:surprised: 是个日子。
L:afraid: 就是今天。
F:afraid: 那还来得及吗？

# M truth
= {W}终于说出了口：{secret}。
~ {sub}里，{W}的手在抖；{L}一步步后退，直到后背抵住墙。光柱里灰尘浮动。
W:sad: {secret_line}
L:surprised: 你再说一遍。
W:afraid: 小声，隔墙有耳。

# M paper
= {L}在藏{clue}的夹层里摸出一张折起的纸，真相就在上面：{secret}。
~ {sub}里，线脚被挑开，滑出一页发黄的纸。{F}念着念着停了，{L}已经明白。
F:surprised: {secret_line}
L:sad: 这么多年。
F:tender: 你先坐下，求你。

# M overheard
= 躲在{place}的{sub}里，{L}听见了谁也不该听见的话：{secret}。
~ {L}蹲在黑暗里，一线光落在眼睛上；门的另一边，{W}正在求{A}。
W:afraid: {L}有权知道！
A:angry: {L}什么权也没有。
L:surprised: 原来是真的。

# M film night
= {F}一帧一帧修好损坏的影像，被剪掉的画面露了出来：{secret}。
~ {sub}里，蓝光在两张脸上跳；画面变清晰，定住。{L}的手摸到了桌沿。
F:afraid: {secret_line}
L:angry: 再放一遍。
F:sad: 放多少遍都一样。

# M reunion
= {L}把{W}堵在{place}，多年的沉默终于裂开：{secret}。
~ {L}闩上{sub}的门；{W}坐倒在台阶上，捂住了脸。
L:angry: 看着我，再骗一次试试。
W:sad: {secret_line}
L:sad: 你就看着我这么活。

# R confession
= 赶在别人开口之前，{P}自己说了：{secret2}。
~ {P}把身上所有东西放在{sub}的地上，没有再走近；{L}把脸转向窗外。
P:sad: {secret2_line}
L:angry: 出去。
P:tender: 恨我可以，[先听完。|别信{A}。]

# R exposed
= {A}微笑着，让{L}看到最坏的那一页：{secret2}。
~ {A}把一张照片放在{sub}的桌上；{P}闭上了眼，{L}看看这个，又看看那个。
A:happy: 问吧，问{P}。
L:afraid: 告诉我这是假的。
P:sad: {secret2_line}

# R switch
= {F}替{A}背了罪名被带走，唯一的证明竟是{P}的秘密：{secret2}。
~ 蓝光扫过{sub}的墙，{F}双手被缚，一路回头看着{L}。
F:afraid: 不是我！你告诉他们！
P:sad: {secret2_line}
L:angry: 你就看着他们抓人？

# R cage
= 藏身处从来不安全，{L}明白得太晚：{secret2}。
~ {sub}的灯一下全亮了，{P}站在开关旁边，抬不起头。
L:surprised: 门是你锁的。
P:sad: {secret2_line}
L:sad: 我只信过一个人。就一个。

# D loss
= {A}出手了：{threat}。{L}守着剩下的东西，身边一个人也没有。
~ 烟雾漫过{sub}，{L}坐在地上，抱着残破的{clue}；{A}说话从不抬高声音。
A:neutral: {threat_line}
L:sad: 你已经全拿走了。
A:happy: 还差一样。

# D grave dawn
= {L}想认输了；最黑的那个钟头，{W}走来坐下，一句安慰也没有。
~ {sub}外一条石凳，两个背影，天边第一线灰白；{W}把{clue}放在两人中间。
L:sad: 我赢不了。
W:neutral: 赢不了，但能做完。
L:tender: 您说话像{F}。

# D letter dawn
= 清晨，{P}不见了，只留下三个字：别跟来。与此同时，{threat}。
~ {sub}里床铺凌乱，窗户大开；{L}把字条看了两遍，风就把它带走了。{F}站在门口。
F:sad: 天没亮就走了。
L:angry: 去找{A}了。
F:afraid: 一个人？那是送死啊！

# D verdict
= {place}没有一个人肯替{L}说话；偏偏这时，{threat}。
~ {sub}里一排排低垂的眼睛，{L}站在中间，{A}坐在高处，端详自己的指甲。
A:happy: 没人要说话吗？
F:afraid: 我说。我腿软，可我要说。
A:angry: 坐下！

# X climax
= {climax}
~ {sub}里一切都停了：{L}离{A}一步之遥，{clue}举在光里，{P}站在{L}身后。
A:angry: 你敢！
L:determined: {climax_line}
P:surprised: 你看，大家都在听。

# X price
= 要逼近{A}，{L}就得舍掉{clue}；{L}眼都没眨。{climax}
~ {clue}躺在{sub}的地上，低机位长镜头，两道影子，谁也不先弯腰。
A:happy: 你两手空空地来了。
L:determined: {climax_line}
A:afraid: 等等，你做了什么？

# X ally
= 最后一刻，{P}当着所有人的面换了边。{climax}
~ {P}从{A}那边走向{L}，慢得像在蹚水，穿过整个{sub}；{A}的笑一点点熄灭。
A:angry: {P}，回来！
P:determined: 不，[再也不了。|我到家了。]
L:determined: {climax_line}

# X count
= 时间到了，{L}没有逃。{climax}
~ {sub}里，一根指针，一滴汗，{L}稳稳的眼睛；{F}在一旁小声倒数。
F:afraid: 只剩十秒了！
L:determined: {climax_line}
A:surprised: 这不可能。

# E ending dawn
= {ending}
~ 第一缕阳光越过{sub}，{L}闭上眼，让它暖着脸，{P}站在一步之后。
P:tender: 结束了吗？
L:happy: {ending_line}

# E table
= {ending}{F}笑了，这是事情开始以来的头一回。
~ {sub}里一张桌子，杯子没有两只成对，人人抢着说话；{L}坐在尽头，安静地看着。
F:happy: {L}，说句话呀！
L:tender: {ending_line}
F:happy: 就这一句？

# E road
= {ending}{W}离开{place}的时候，脚步轻了许多。
~ {sub}的拐角，{W}举了举手；{L}和{P}一直望到那件外套变成一个点。
W:tender: 你说到做到了，孩子。
L:tender: {ending_line}

# E last day
= {ending}很久以后，{place}的人讲起这件事，还会压低声音。
~ 又一季，{sub}，还是那扇窗；{L}把{clue}放上窗台，朝着太阳转了转。
P:happy: 你到底还是留着它。
L:happy: {ending_line}

# C silence
= 有人每个月给{W}寄一笔钱，要{W}忘掉{matter_long}；这个月的信封上，盖着{A}的印。
~ {sub}里，{W}把一只没拆的信封推过桌面，{L}没有碰。
W:sad: 这些钱，我一分没花。
L:angry: 可你也一声没吭。
W:afraid: 孩子，我也有家里人。

# C newsman
= {L}一打听{matter}，四周的门便一扇扇关上，只有{F}留了一条缝。
~ {sub}，{F}把门推开一掌宽，{L}侧身挤进来，肩上全是雨。
F:afraid: 没人看见你吧？
L:neutral: 只有{A}的人。
F:surprised: 只有？快进来！

# C twoversions
= 关于{matter_long}，有两种说法：一种是{A}讲的，另一种{P}讲到一半就不肯讲了。
~ {sub}里，{P}话说一半停住，别过脸去；{L}抱着胳膊，等着。
L:neutral: 把话说完。
P:sad: 说完，你就不会再这样看我了。
L:determined: 那要试试才知道。

# C copycat night
= 有人抢先一步动过{matter}，剩下的擦得干干净净，空气里还留着{A}的味道。
~ {sub}里，{L}的手指划过一尘不染的架子，{P}守在门边。
L:surprised: 连灰都没有。
P:afraid: 他们一个钟头前来过。
L:angry: 有人告诉他们我们要来。

# D blamed
= 天黑之前，{A}已经让所有人相信，{matter}的事全怪{L}；而且，{threat}。
~ 撕碎的纸片飘过{sub}，每一片上都是{L}的名字；{A}站在台阶上看着。
L:sad: 他们一个字一个字全信了。
A:happy: 人都爱听简单的故事。
L:angry: 那我就讲个真的。

# D nothingleft dawn
= 一夜之间，凡是能说明{matter}的东西全没了；而且，{threat}。
~ 空抽屉，敞着的门，{sub}里一片灰白的光；{L}站在原地，{F}站在旁边。
F:sad: 什么都没了，{L}。
L:sad: 没全没，我还记得。
F:afraid: 那下一个就轮到你。

# M shown
= {matter}的线索绕了一圈，又回到起点，{W}正等在那里：{secret}。
~ {W}坐在{sub}里，像从没离开过；{L}站着，喘得厉害。
L:determined: 您知道是怎么回事。
W:sad: {secret_line}
L:surprised: 这么多年，就没人问过您？

# X named
= 当着所有人的面，{L}把{matter}的真相一字一句讲了出来。{climax}
~ {sub}里，{L}站上椅子，好让最后一排也看得见；{A}已经在往门口走。
A:angry: 快拦住{L.him}！
L:determined: {climax_line}
F:happy: 让{L.him}说完！

# I ev_told
= {incite}
~ {sub}里，{L}一动不动地站着，手捂着嘴；{F}看见那张脸，慢慢放下手里的东西。
F:surprised: 你怎么像见了鬼？
L:afraid: 是{matter}的事，你先坐下。
F:afraid: 还有谁知道？

# I ev_proof
= {incite}
~ {L}把所有东西在{sub}的地上摆成一长排，{P}俯身去看，笑容一点点没了。
L:surprised: 你看看，告诉我是我错了。
P:afraid: 没错，真的是{matter}。
L:determined: 那就是有人骗了所有人。

# I ev_denied
= {incite}{L}去告诉{A}，才发现{A}早就知道。
~ {sub}里，{A}低头写字，头也不抬；{L}两只手按在桌上。
L:angry: 你怎么不问我{matter}的事？
A:neutral: 有些事，不该再提。
L:surprised: 原来你一直都知道？
"""
