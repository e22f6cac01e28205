"""Nouns that Chinese and Korean premises turn on, besides the things that can be carried."""

from __future__ import annotations

from services.story.local.data import words

ZH = words("""
乘客名单 名单 渡轮 客轮 轮船 沉船 列车 火车 地铁 出租车 公交车 救护车 飞机 飞船 信号 氧气 种子 桥 旧桥 石桥 水井 古井 井 钟楼
图书馆 旧书 书 画展 婚礼 葬礼 火灾 车祸 地震 洪水 比赛 擂台 节目 直播 电影 歌 旋律 拳台 灯塔 雕像 墓碑 墓 菜 面馆 餐厅 花园
梦境 病历 手术 药方 遗书 公司 股份 房子 老宅 别墅 学校 孤儿院 电台 电话 短信 邮件 监控 视频 时钟 门 雪 雨
""")
KO = words("""
승객명단 명단 여객선 유람선 배 난파선 열차 기차 지하철 택시 버스 구급차 비행기 우주선 신호 산소 다리 우물 종탑 도서관 책 전시회
결혼식 장례식 화재 사고 교통사고 지진 홍수 대회 경기 방송 영화 등대 동상 무덤 국밥 빵집 식당 정원 꿈 병력 수술 처방전 유서 회사
주식 집 고택 별장 학교 폐교 고아원 라디오 전화 문자 메일 영상 목소리 향수 계약
""")
ZH_KIN = words("""
妹妹 姐姐 哥哥 弟弟 母亲 父亲 妈妈 爸爸 女儿 儿子 妻子 丈夫 未婚夫 未婚妻 前夫 前妻 初恋 闺蜜 奶奶 爷爷 外婆 外公 孙女 孙子
""")
KO_KIN = words("""
여동생 남동생 언니 누나 오빠 형 딸 아들 어머니 아버지 엄마 아빠 아내 남편 할머니 할아버지 손녀 손자 첫사랑 약혼자 약혼녀 쌍둥이
""")
FEMALE_KIN = frozenset(
    words("""
妹妹 姐姐 母亲 妈妈 女儿 妻子 未婚妻 前妻 闺蜜 奶奶 外婆 孙女 여동생 언니 누나 딸 어머니 엄마 아내 할머니 손녀 약혼녀
""")
)
MALE_KIN = frozenset(
    words("""
哥哥 弟弟 父亲 爸爸 儿子 丈夫 未婚夫 前夫 爷爷 外公 孙子 남동생 오빠 형 아들 아버지 아빠 남편 할아버지 손자 약혼자
""")
)


def kin_gender(word: str) -> str:
    """Return `female`, `male` or an empty text for a word of kinship."""
    return "female" if word in FEMALE_KIN else "male" if word in MALE_KIN else ""
