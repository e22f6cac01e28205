# ruff: noqa: E501 (word lists read better unbroken)
"""Given names by region, so that the people of a story fit the place it is told in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.story.local.data import words


@dataclass(frozen=True)
class Region:
    """Names of one part of the world: `places` is a pattern of what points to it in any of the three languages."""

    places: re.Pattern[str]
    female: tuple[str, ...]
    male: tuple[str, ...]
    surnames: tuple[str, ...]


def _regions(table: str) -> tuple[Region, ...]:
    found = []
    for block in table.strip().split("\n\n"):
        places, female, male, surnames = (row.strip() for row in block.split("\n"))
        latin = "|".join(w for w in places.split("|") if w.isascii())
        other = "|".join(w for w in places.split("|") if not w.isascii())
        pattern = re.compile(rf"\b(?:{latin})\b|{other}", re.IGNORECASE)
        found.append(Region(pattern, words(female), words(male), words(surnames)))
    return tuple(found)


EN = _regions("""
Seoul|Busan|Korea|Korean|Incheon|Jeju|Daegu|Gangnam|Joseon|首尔|釜山|韩国|서울|부산
Seo-yeon Ha-eun Min-ji Ji-won Yoon-ah Su-bin Da-eun Chae-rin Eun-seo Hye-jin
Min-jun Do-yun Tae-ho Ji-hoon Sang-woo Hyun-woo Jae-min Kang-ho Dong-hyuk
Kim Park Choi Han Yoon

Tokyo|Osaka|Kyoto|Japan|Japanese|Hokkaido|Nagasaki|Hiroshima|Edo|东京|京都|日本|도쿄|교토
Haruka Misaki Ayaka Sayuri Nanami Kaori Chihiro Emiko Rin Yuzuki
Haruto Kaito Ryota Takeshi Shota Daichi Makoto Akira Satoru
Tanaka Sato Mori Fujita Ito

Beijing|Shanghai|China|Chinese|Chengdu|Guangzhou|Shenzhen|Taipei|Chongqing|Nanjing|Wuhan|Hong Kong|北京|上海|베이징
Xiaoyu Meiling Yulan Jiaying Wenwen Qing Ruolan Shuyi Xinyi
Haoran Zhiwei Jianguo Mingze Tianyu Yichen Bolin Shaowei
Zhao Lin Zhou Shen Liang

Mumbai|Delhi|India|Indian|Kolkata|Bangalore|Chennai|Goa|Jaipur|Punjab|孟买|印度|뭄바이|인도
Ananya Meera Kavya Ishani Sunita Lakshmi Radhika Nandini Divya
Rohan Vikram Aditya Sanjay Nikhil Kabir Anand Farhan Dev
Sharma Iyer Kapoor Banerjee Nair

Lagos|Nigeria|Nigerian|Abuja|Ibadan|拉各斯|尼日利亚|라고스
Adaeze Ngozi Folake Chiamaka Temilade Bisi Yewande Ifeoma Amina
Chidi Emeka Tunde Obinna Kunle Segun Femi Ikenna Babatunde
Okafor Adeyemi Balogun Eze Obi

Accra|Ghana|Dakar|Senegal|Abidjan|Timbuktu|Bamako|阿克拉|加纳
Akosua Efua Adjoa Aminata Fatou Abena Mariama Esi
Kwabena Kojo Yaw Mamadou Ibrahima Kwesi Ousmane Nana
Mensah Boateng Diop Asante Toure

Nairobi|Kenya|Mombasa|Tanzania|Kampala|Uganda|Zanzibar|Addis Ababa|Ethiopia|内罗毕|肯尼亚|케냐
Wanjiru Achieng Makena Zawadi Neema Njeri Aster Hiwot
Kamau Otieno Juma Mwangi Barasa Baraka Tesfaye Kiprono
Mwangi Odhiambo Kimani Wekesa Tadesse

Johannesburg|Cape Town|South Africa|Durban|Soweto|Zulu|开普敦|南非
Thandiwe Nomvula Lerato Zanele Busisiwe Ayanda Palesa
Sipho Thabo Mandla Bongani Lwazi Kagiso Themba
Dlamini Nkosi Mokoena Botha Khumalo

Cairo|Egypt|Beirut|Lebanon|Baghdad|Damascus|Dubai|Casablanca|Morocco|Marrakesh|Tunis|Amman|开罗|埃及|迪拜|카이로
Nour Salma Yasmin Rania Huda Farida Samira Dalia Layal
Karim Tarek Youssef Sami Khaled Mahmoud Rami Adel Ziad
Haddad Mansour Nassar Khoury Farouk

Tehran|Iran|Persia|Persian|Isfahan|Kabul|德黑兰|伊朗
Shirin Parisa Nasrin Laleh Mahsa Golnaz Roya
Reza Farhad Kian Dariush Behzad Navid Siavash
Rahimi Karimi Ahmadi Farahani Tehrani

Istanbul|Turkey|Turkish|Ankara|Izmir|Ottoman|伊斯坦布尔|土耳其|이스탄불
Elif Defne Zeynep Selin Aylin Nermin Feride
Emre Kerem Cem Orhan Levent Tolga Yavuz
Demir Yildiz Kaya Aydin Arslan

Paris|France|French|Lyon|Marseille|Bordeaux|Brittany|Provence|Versailles|巴黎|法国|파리
Camille Margaux Élodie Solène Manon Clémence Odette Inès
Étienne Julien Bastien Laurent Mathieu Thierry Rémy Gaspard
Moreau Lefèvre Garnier Roussel Blanc

Mexico City|Mexico|Mexican|Oaxaca|Guadalajara|Tijuana|Veracruz|墨西哥|멕시코
Ximena Guadalupe Itzel Valentina Rosalía Lupita Marisol Paloma
Alejandro Rodrigo Emiliano Joaquín Héctor Ramiro Ignacio Beto
Hernández Ramírez Ortega Salgado Fuentes

Madrid|Barcelona|Spain|Spanish|Seville|Granada|Bogota|Lima|Santiago|Buenos Aires|Argentina|Chile|Colombia|Havana|Cuba|马德里|西班牙|마드리드
Inés Pilar Alba Catalina Lucía Beatriz Noelia Jimena
Álvaro Gonzalo Iván Tomás Esteban Martín Rubén Facundo
Vega Navarro Castillo Molina Rivas

Rio|Brazil|Brazilian|São Paulo|Sao Paulo|Bahia|Lisbon|Porto|Portugal|Portuguese|巴西|里约|리우
Beatriz Larissa Joana Thaís Iara Marina Leonor Rafaela
Caio Thiago Vasco Rui Duarte Matheus Renato Davi
Silva Almeida Carvalho Pereira Rocha

Rome|Naples|Venice|Italy|Italian|Milan|Florence|Sicily|Palermo|Genoa|Turin|罗马|威尼斯|那不勒斯|로마|베네치아
Ginevra Alessia Ornella Martina Serena Viola Rosaria Fiamma
Matteo Alessio Davide Salvatore Gennaro Pietro Nicolò Lorenzo
Esposito Ferrara Moretti Conti Ricci

Berlin|Germany|German|Munich|Hamburg|Vienna|Austria|Cologne|Zurich|Switzerland|柏林|德国|维也纳|베를린
Annika Liesel Frieda Greta Jule Heike Mathilda Leonie
Lukas Jannik Dieter Konrad Moritz Emil Jürgen Falk
Brandt Keller Vogel Hartmann Lorenz

Stockholm|Oslo|Copenhagen|Helsinki|Norway|Sweden|Denmark|Finland|Iceland|Reykjavik|Bergen|Norwegian|Swedish|斯德哥尔摩|奥斯陆
Signe Tuva Linnea Sigrid Freja Ragna Solveig Elin
Stellan Anders Torsten Leif Sindre Eskil Aksel Gunnar
Lindqvist Halvorsen Berg Nyström Dahl

Moscow|Russia|Russian|Siberia|St Petersburg|Kyiv|Kiev|Ukraine|Odessa|莫斯科|俄罗斯|모스크바
Daria Polina Svetlana Yelena Alina Tamara Vasilisa
Nikolai Yegor Maxim Roman Pavel Timur Grigori
Volkov Sokolov Orlov Kovalenko Morozov

Warsaw|Poland|Prague|Budapest|Hungary|Krakow|Bucharest|Romania|Czech|Polish|Sofia|Belgrade|华沙|布拉格|프라하
Zofia Agnieszka Kinga Eliška Dorota Zsófia Ilona Ioana
Tomasz Wojciech Jakub Ondřej Bálint Krzysztof Radek Mihai
Nowak Kowalski Horváth Novotny Szabo

Athens|Greece|Greek|Crete|Santorini|Thessaloniki|Cyprus|雅典|希腊|아테네
Eleni Katerina Despina Ariadne Danai Ioanna Xenia
Nikos Stavros Yannis Spyros Kostas Manolis Petros
Pappas Economou Markou Vassiliou Galanis

Dublin|Ireland|Irish|Galway|Belfast|Cork|都柏林|爱尔兰|더블린
Aoife Niamh Orla Sinéad Gráinne Bríd Clodagh
Cillian Eoin Fergus Cormac Donal Oisín Padraig
Doyle Brennan Quinn Gallagher Nolan

London|England|English|Scotland|Edinburgh|Glasgow|Wales|Cornwall|Yorkshire|Manchester|Liverpool|Oxford|Victorian|伦敦|英国|런던
Imogen Harriet Phoebe Rosalind Georgina Bronwen Isobel Cordelia
Alistair Edmund Rupert Hamish Gareth Jasper Nigel Duncan
Ashworth Pemberton Fraser Hartley Whitlock

Bangkok|Thailand|Chiang Mai|Hanoi|Saigon|Vietnam|Vietnamese|Phnom Penh|曼谷|泰国|河内|방콕|하노이
Malee Suda Kanya Linh Thuy Huong Ploy Mai
Somchai Niran Anong Duc Minh Quang Kiet Thanh
Nguyen Tran Suwan Pham Boonmee

Manila|Philippines|Cebu|Filipino|Jakarta|Indonesia|Bali|Singapore|Kuala Lumpur|Malaysia|马尼拉|新加坡|雅加达|마닐라|싱가포르
Dewi Putri Analyn Tala Corazon Sari Nurul Aisyah
Andres Jomar Bayani Budi Agus Rizal Arif Hafiz
Santos Reyes Wijaya Rahman Lim

New York|Chicago|Boston|Texas|California|America|American|Brooklyn|Seattle|Miami|Los Angeles|Detroit|New Orleans|Alaska|Toronto|Vancouver|Canada|纽约|美国|芝加哥|뉴욕
Savannah Harper Denise Monique Jolene Paige Marlene Brooke
Wyatt Darnell Travis Curtis Brady Dwayne Colton Russell
Whitaker Jefferson Coleman Dawson Mercer
""")

ZH = _regions("""
Seoul|首尔|釜山|韩国|济州|서울
金书妍 朴夏恩 崔敏智 韩智媛 尹彩琳
金道允 朴泰浩 李志勋 姜尚宇 崔贤宇
金 朴 崔

Tokyo|东京|京都|日本|大阪|北海道|도쿄
佐藤遥 藤井美咲 森川彩 小林千寻 中村香织
高桥阳太 田中海斗 森川健 藤田亮 松本彰
佐藤 森川 田中

Paris|巴黎|伦敦|纽约|罗马|威尼斯|法国|英国|美国|意大利|西班牙
艾玛 克莱尔 索菲 伊莎贝尔 露西亚 玛格丽特
卢卡斯 艾蒂安 马修 朱利安 加斯帕 安东尼奥
莫罗 罗塞尔 康蒂
""")

KO = _regions("""
Tokyo|도쿄|교토|오사카|일본|东京
하루카 미사키 아야카 사유리 치히로
하루토 카이토 료타 타케시 마코토
사토 모리 타나카

Shanghai|상하이|베이징|중국|홍콩|上海
메이링 샤오위 위란 루오란 신이
하오란 즈웨이 밍저 톈위 이천
자오 린 저우

Paris|파리|런던|뉴욕|로마|베네치아|프랑스|영국|미국|이탈리아
클레르 소피 엠마 마르고 루치아 이네스
쥘리앵 마티외 루카스 로렌초 에티엔 토마
모로 콘티 블랑
""")

TABLES = {"en": EN, "zh": ZH, "ko": KO}


def region_of(text: str, language: str) -> Region | None:
    """Return the region whose places `text` names first, or None when it names none."""
    hits = [(m.start(), n) for n, r in enumerate(TABLES[language]) if (m := r.places.search(text))]
    return TABLES[language][min(hits)[1]] if hits else None


_FAIR = re.compile(
    r"Paris|France|Berlin|German|Vienna|Munich|Hamburg|Stockholm|Oslo|Copenhagen|Helsinki|Norw|Swed|Denmark|Finland|Iceland|"
    r"Moscow|Russia|Siberia|Warsaw|Prague|Poland|Dublin|Ireland|Irish|Galway|London|Engl|Scot|Wales|Cornwall|Edinburgh|New York|"
    r"Chicago|Boston|Texas|California|America|Toronto|Vancouver|Alaska"
)


def is_fair(text: str) -> bool:
    """Return whether `text` names a place where blond and red hair is nothing rare."""
    return _FAIR.search(text) is not None
