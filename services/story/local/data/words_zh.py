"""Chinese word tables: surnames, name letters, roles, places, things and times that a premise may mention."""

from __future__ import annotations

from services.story.local.data import words

SURNAMES = frozenset(
    "丁万严乔于任何余侯傅冯凌刘卢史叶向吕吴周唐夏姚姜孔孙孟季宋尤尹岳崔廖张彭徐戴方曹曾朱李杜杨林柳桑梁楚武段毛江汤"
    "汪沈温潘熊王田白石祁秦程罗肖胡花苏范莫萧董蒋蓝蔡薛袁裴覃许谢谭贺贾赵邓邱邵邹郑郝郭钟钱闫陆陈陶雷霍韦韩顾马骆高"
    "魏黄黎龙龚"
)
COMPOUND_SURNAMES = words("""
欧阳 上官 司马 慕容 诸葛 东方 南宫 夏侯 皇甫 端木
""")
FOLLOW = frozenset(
    "契合约、。一三上下不与两为之也争互今从以会住假做偶偷先入其再冒决凭出则初到化却卷去又发变只同后向听和回因在坐坦声夜失"
    "娶嫁守害对将就已带开当得必想意成才打找把拼拿据接握收救无是暗曾替最有来查正此死每没深潜爱独生用病的相看着离穿突"
    "站竟答终给继而联被要让误说走跟身返这进追逃遇遭那都醒重闯陷隐靠骗！，：；？"
)
LEAD_IN = frozenset("“、。《「与为了到叫同名向和娶嫁对恨找把救是替爱的着给被让跟！，：；？")
FEMALE_LETTERS = frozenset(
    "丽倩兰凤妍姝娜娟婉婷媛嫣宁岚怡悦晴月柔桃梅棠燕玉琳瑶芳芷苓若茜荷莲莹萱蓉蕾薇薰蝶诗雅雪霜露静"
)
MALE_LETTERS = frozenset("伟军刚勇国墨威宇山峰川建强恒承昊杰毅泽浩涛渊焱砚磊舟虎豪轩辰远野铮霆震霖骁鹏龙")
ROLES = words("""
程序员 店长 女总裁
侦探 设计师 证人 工人 教练员 开发商 主编 刑警 卧底警察 警察 警官 法医 律师 法官 记者 医生 护士 外科医生 老师
教师 学生 教授 科学家 工程师 建筑师 画家 修复师 歌手 钢琴家 小提琴手 演员 导演 作家 诗人 编剧 摄影师 将军 士兵
船长 渔夫 渔民 农民 园丁 裁缝 厨师 面点师 甜品师 咖啡师 拳手 剑客 刺客 杀手 间谍 卧底 小偷 盗贼 神偷 黑客 海盗
赌徒 司机 外卖员 快递员 宇航员 机器人 鬼魂 女鬼 妖怪 狐妖 魔王 神仙 天使 总裁 董事长 富豪 首富 经理 秘书 助理
实习生 学徒 徒弟 师父 掌门 对手 仇人 死对头 凶手 叛徒 养母 继母 继妹 妹妹 姐姐 哥哥 弟弟 父亲 母亲 祖母 奶奶
爷爷 外婆 外公 女儿 儿子 妻子 丈夫 前夫 前妻 未婚夫 未婚妻 恋人 闺蜜 邻居 房东 保镖 囚犯 导游 守塔人
图书管理员 馆长 钟表匠 铁匠 木匠 养蜂人 兽医 老兵 皇帝 皇后 公主 王子 王爷 太子 世子 妃子 贵妃 宫女 太监 丞相
侯爷 千金 假千金 真千金 少爷 孤儿 双胞胎 替身 绣娘 舞女 舞者 戏子 花旦 掌柜 捕快 县令 书生 道士 和尚 主播 网红
偶像 练习生 教练 运动员 女孩 男孩 少女 少年 寡妇 女佣 管家 保安 保洁 店主 老板娘 老板
""")
FEMALE_ROLES = frozenset(
    words("""
假千金 公主 养母 前妻 千金 外婆 女佣 女儿 女孩 女鬼 奶奶 妃子 妹妹 妻子 姐姐 宫女 寡妇 少女 护士 未婚妻 母亲
皇后 真千金 祖母 绣娘 继妹 继母 老板娘 舞女 花旦 贵妃 闺蜜
""")
)
MALE_ROLES = frozenset(
    words("""
丈夫 世子 丞相 书生 侯爷 儿子 前夫 和尚 哥哥 外公 太子 太监 少年 少爷 弟弟 未婚夫 渔夫 父亲 爷爷 王子 王爷
男孩 皇帝 管家 道士
""")
)
NEGATIVE_ROLES = frozenset(
    words("""
丞相 仇人 假千金 养母 凶手 叛徒 对手 房东 杀手 死对头 继妹 继母 董事长 贵妃 魔王
""")
)
ROLE_MODIFIERS = words("""
年轻的 退休的 落魄的 年轻 退休 落魄 天才 失忆的 失忆 盲人 失明的 孤独的 神秘的 著名 冷酷的 霸道 女 男 老 小
实习 私家 流浪
""")
SPECIES = words("""
流浪猫 流浪狗 小猫 小狗 橘猫 黑猫 白猫 狐狸 兔子 白兔 老虎 狼 熊猫 狗熊 乌鸦 麻雀 猫头鹰 刺猬 松鼠 水獭 鲸鱼
海豚 乌龟 青蛙 白马 骏马 老鼠 仓鼠 鹦鹉 企鹅 大象 猴子 龙 猫 狗 鹿
""")
CITIES = words("""
大唐 长安城
上海 北京 重庆 成都 广州 深圳 杭州 南京 苏州 西安 武汉 长沙 青岛 大连 厦门 天津 哈尔滨 昆明 大理 丽江 敦煌
洛阳 开封 扬州 长安 临安 汴京 金陵 香港 澳门 台北 台南 高雄 东京 京都 首尔 釜山 巴黎 伦敦 纽约 威尼斯 罗马
火星 月球 江南 塞北 西湖 黄浦江 故宫 紫禁城 外滩 三亚 拉萨 新疆 云南 泉州 景德镇 平遥 乌镇 凤凰古城
""")
PLACE_SUFFIX = words("""
客栈 巷 酒店 饭店 餐厅 面馆 茶馆 茶楼 酒楼 酒吧 咖啡馆 咖啡店 书店 花店 药铺 当铺 裁缝铺 医院 诊所 学校 学院
大学 中学 公司 集团 银行 博物馆 图书馆 美术馆 剧院 戏院 戏楼 码头 港口 灯塔 车站 火车站 机场 监狱 皇宫 王府
将军府 侯府 古宅 老宅 别墅 庄园 古镇 小镇 渔村 山村 山庄 村庄 村子 小岛 孤岛 海岛 森林 沙漠 草原 雪山 基地
空间站 飞船 实验室 工厂 仓库 法庭 道观 寺庙 古寺 教堂 孤儿院 动物园 马戏团 直播间 公寓 大厦 夜市 巷子 老街
胡同 石窟 弄堂 书院 拳馆 舞团 乐团 道场 城堡 王国 地铁站 宫 城 镇 村 岛 山 寺 府
""")
THINGS = words("""
录音笔 录音带 录音 日记本 日记 账本 遗嘱 合同 信件 书信 情书 信 戒指 项链 玉佩 玉镯 手镯 玉玺 配方 食谱 菜谱
秘方 地图 长剑 宝剑 剑 匕首 古画 油画 画像 画 小提琴 古琴 钢琴 琵琶 怀表 手表 钥匙 照片 相机 手机 剧本 皇冠
王冠 钻石 珍珠 胸针 围巾 旗袍 嫁衣 面具 铜镜 镜子 手稿 乐谱 曲子 奖牌 手枪 毒药 解药 花瓶 青花瓷 瓷器 硬币
宝藏 彩票 车票 船票 护照 行李箱 箱子 盒子 木盒 八音盒 雨伞 油纸伞 指南针 灯笼 种子 铃铛 布娃娃 茶壶 算法 芯片
疫苗 密码 心脏 记忆 遗产 债务 香囊 发簪 簪子 折扇 胶卷
""")
TIMES = words("""
十年前 五年前 三年前 二十年前 十年后 五年后 三年后 民国 古代 未来 冬天 夏天 雨夜 深夜 午夜 除夕 中秋 婚礼 葬礼
末世
""")
FEMALE_NAMES = words("""
沈若棠 苏晚 乔念 江映月 顾清禾 温予 叶蓁 林听雪 许知夏 孟芷 秦如意 方梨
""")
MALE_NAMES = words("""
陆承 顾砚 周野 裴照 江屿 霍霆 宋屹 程远舟 萧衍 谢云山 段恒 贺川
""")
ELDER_NAMES = words("""
老魏 钟伯 范叔 郑老 石叔 丁伯
""")
PET_NAMES = words("""
阿福 团子 小满 豆包 年糕 汤圆 米粒 栗子
""")
PINYIN = dict(
    pair.split(":")
    for pair in words("""
王:wang 李:li 张:zhang 刘:liu 陈:chen 杨:yang 黄:huang 赵:zhao 吴:wu 周:zhou 徐:xu 孙:sun 马:ma 朱:zhu 胡:hu
郭:guo 何:he 高:gao 林:lin 罗:luo 郑:zheng 梁:liang 谢:xie 宋:song 唐:tang 许:xu 韩:han 冯:feng 邓:deng 曹:cao
彭:peng 曾:zeng 肖:xiao 田:tian 董:dong 袁:yuan 潘:pan 于:yu 蒋:jiang 蔡:cai 余:yu 杜:du 叶:ye 程:cheng 苏:su
魏:wei 吕:lv 丁:ding 任:ren 沈:shen 姚:yao 卢:lu 姜:jiang 崔:cui 钟:zhong 谭:tan 陆:lu 汪:wang 范:fan 石:shi
廖:liao 贾:jia 夏:xia 韦:wei 傅:fu 方:fang 白:bai 邹:zou 孟:meng 熊:xiong 秦:qin 邱:qiu 江:jiang 尹:yin 薛:xue
段:duan 雷:lei 侯:hou 龙:long 顾:gu 温:wen 季:ji 柳:liu 楚:chu 萧:xiao 霍:huo 裴:pei 凌:ling 乔:qiao 贺:he
欧:ou 阳:yang 上:shang 官:guan 司:si 慕:mu 容:rong 若:ruo 棠:tang 晚:wan 念:nian 映:ying 月:yue 清:qing 禾:he
予:yu 蓁:zhen 听:ting 雪:xue 知:zhi 芷:zhi 如:ru 意:yi 梨:li 承:cheng 砚:yan 野:ye 照:zhao 屿:yu 霆:ting 屹:yi
远:yuan 舟:zhou 衍:yan 云:yun 山:shan 恒:heng 川:chuan 老:lao 伯:bo 叔:shu 阿:a 福:fu 团:tuan 子:zi 小:xiao
满:man 豆:dou 包:bao 年:nian 糕:gao 汤:tang 圆:yuan 米:mi 粒:li 栗:li 悦:yue 婉:wan 晴:qing 梅:mei 兰:lan
薇:wei 瑶:yao 琳:lin 丽:li 静:jing 雅:ya 玉:yu 莲:lian 强:qiang 伟:wei 勇:yong 军:jun 峰:feng 磊:lei 杰:jie
浩:hao 宇:yu 轩:xuan 泽:ze 明:ming 辰:chen 墨:mo 霖:lin 青:qing 安:an 宁:ning 心:xin 星:xing 河:he 海:hai
花:hua 春:chun 天:tian 文:wen 武:wu 国:guo 华:hua 红:hong 平:ping 志:zhi 建:jian 一:yi 二:er 三:san 大:da
婷:ting 倩:qian 诗:shi 柔:rou 昭:zhao 蝉:chan 音:yin 黑:hei 橘:ju
""")
)
