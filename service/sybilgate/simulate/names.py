"""Names by region. Lists give the common head; syllables compose the long tail."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from sybilgate.simulate.tables import Weighted, pick, ranked


@dataclass(frozen=True, eq=False)
class Names:
    """First and last names of one region. ``tail`` is the share of composed names (first, last)."""

    first: Weighted[str]
    last: Weighted[str]
    first_parts: tuple[list[str], list[str]]
    last_parts: tuple[list[str], list[str]]
    tail: tuple[float, float]

    def draw(self, rng: Random) -> tuple[str, str]:
        """A (first, last) name."""
        return self.draw_first(rng), self.draw_last(rng)

    def draw_common(self, rng: Random) -> tuple[str, str]:
        """A name as a language model would offer it: the common ones, and few of them."""
        first, last = self.first.items, self.last.items
        return first[int(len(first) * rng.random() ** 2)], last[int(len(last) * rng.random() ** 2)]

    def draw_first(self, rng: Random) -> str:
        return _compose(rng, self.first_parts) if rng.random() < self.tail[0] else self.first.draw(rng)

    def draw_last(self, rng: Random) -> str:
        return _compose(rng, self.last_parts) if rng.random() < self.tail[1] else self.last.draw(rng)


def _compose(rng: Random, parts: tuple[list[str], list[str]]) -> str:
    return pick(rng, parts[0]) + pick(rng, parts[1])


def _names(first: str, last: str, first_parts: str, last_parts: str, tail: tuple[float, float]) -> Names:
    def halves(text: str) -> tuple[list[str], list[str]]:
        head, _, end = text.partition("/")
        return head.split(), end.split()

    return Names(ranked(first.split(), 0.6), ranked(last.split(), 0.7), halves(first_parts), halves(last_parts), tail)


NAMES: dict[str, Names] = {
    "anglo": _names(
        "James Mary Michael Jennifer John Linda David Elizabeth William Susan Chris Jessica Matthew"
        " Sarah Daniel Karen Emily"
        " Andrew Olivia Ryan Emma Joshua Hannah Ethan Grace Noah Chloe Liam Sophie Jacob Lucy Tyler"
        " Megan Kyle Amy Oliver"
        " Charlotte Harry Amelia Ben Zoe Sean Erin Dylan Abigail Cody Paige Luke Alice Max",
        "Smith Johnson Williams Brown Jones Davis Miller Wilson Moore Taylor Anderson Thomas White"
        " Harris Martin Thompson"
        " Clark Lewis Walker Hall Young King Wright Scott Green Baker Adams Nelson Hill Campbell"
        " Mitchell Roberts Carter"
        " Phillips Evans Turner Parker Collins Edwards Stewart Morris Murphy Cook Rogers Morgan"
        " Cooper Bell Reed Bailey",
        "Jo Kay Bren Dev Jay Bry Kel Mar Tay Ash/la na don lee son den lyn ton da ley",
        "Ash Black Brad Bur Car Dal East Far Gar Hart Hol Kirk Lang Mar New Nor Oak Pres Rad Red"
        " Sher Stan Thorn Wal Whit"
        " Wood York Pem Rams Lock/ton field ford wood ley ham well by worth land man bury dale burn stone brook",
        (0.12, 0.45),
    ),
    "hispanic": _names(
        "Jose Maria Juan Carmen Luis Ana Carlos Laura Miguel Lucia Jorge Sofia Javier Elena Diego Marta Alejandro Paula"
        " Fernando Valentina Pablo Camila Andres Isabella Sergio Daniela Ricardo Gabriela Manuel"
        " Andrea Raul Claudia Ivan",
        "Garcia Rodriguez Martinez Hernandez Lopez Gonzalez Perez Sanchez Ramirez Torres Flores Rivera Gomez Diaz Reyes"
        " Morales Cruz Ortiz Gutierrez Chavez Ramos Ruiz Alvarez Mendoza Vasquez Castillo Jimenez"
        " Moreno Romero Herrera",
        "Yoel Leo Mar Ade Ro Yu Naty/na nel sa lia do ri",
        "Ari Bel Cas Cor Del Esp Fuen Gal Her Igl Mon Mur Nav Oliv Pal Que San Sol Val Vill/tes ales"
        " eros inas tero ares"
        " ez anca illo uela ado ona",
        (0.06, 0.4),
    ),
    "lusophone": _names(
        "Joao Maria Pedro Ana Lucas Juliana Gabriel Fernanda Rafael Mariana Matheus Beatriz Gustavo"
        " Camila Felipe Larissa"
        " Bruno Leticia Thiago Amanda Rodrigo Carolina Vinicius Isabela Leonardo Patricia Eduardo Aline Caio Bruna",
        "Silva Santos Oliveira Souza Rodrigues Ferreira Alves Pereira Lima Gomes Costa Ribeiro Martins Carvalho Almeida"
        " Lopes Soares Fernandes Vieira Barbosa Rocha Dias Nascimento Andrade Moreira Nunes Marques Machado Mendes",
        "Jo Wel Eli Edi Ros Van/ane son mar nei lene ton",
        "Bar Cam Cas Fig Gui Mag Mont Nog Pin Sam Tav Teix/ros pos tro eira alhaes eiro aes ares ana enegro",
        (0.12, 0.35),
    ),
    "germanic": _names(
        "Lukas Anna Leon Lena Paul Laura Jonas Julia Felix Sarah Max Lisa Tim Katharina Stefan"
        " Sabine Michael Andrea Thomas"
        " Nicole Jan Marie Florian Johanna Tobias Sophie Sebastian Eva Philipp Christina Markus Hannah Niklas Clara",
        "Mueller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Koch Richter Klein Wolf Schroeder"
        " Neumann Schwarz Braun Zimmermann Krueger Hartmann Lange Werner Krause Lehmann Koehler"
        " Maier Huber Kaiser Fuchs",
        "Hein Wal Ger Diet Fried Sieg/rich ter hard mar linde fried",
        "Alt Berg Bir Bruck Dorn Eber Fels Gold Hager Hell Kalt"
        " Lind Ober Rein Rosen Stein Steg Thal Wald Win/mann bauer berger hofer meier stein bach hardt ner felder",
        (0.06, 0.5),
    ),
    "french": _names(
        "Lucas Emma Hugo Lea Louis Chloe Nathan Manon Thomas Camille Antoine Julie Pierre Marie"
        " Nicolas Sophie Julien Laura"
        " Maxime Pauline Alexandre Claire Paul Sarah Romain Mathilde Quentin Oceane Guillaume Celine Karim Yasmine",
        "Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Simon Laurent"
        " Lefebvre Michel Garcia Roux"
        " Fournier Girard Bonnet Dupont Lambert Fontaine Rousseau Vincent Muller Faure Mercier Blanc Guerin Boyer",
        "Mar An Flo Ade Cle/ine line rian ment cie",
        "Beau Bel Bois Char Cour Del Du Fon Gau Haut La Le Mal Mont Per"
        " Val/champs lieu mont pentier tois croix tier court vigne rand fort nier",
        (0.06, 0.45),
    ),
    "dutch": _names(
        "Daan Emma Sem Sanne Lars Lotte Bram Anouk Jan Femke Pieter Eva Thijs Iris Ruben Julia Niels"
        " Maaike Jeroen Marieke"
        " Sander Kim Tom Esther",
        "Jansen Bakker Visser Smit Meijer Mulder Bos Vos Peters Hendriks Dekker Brouwer Dijkstra"
        " Kok Jacobs Vermeulen Schouten Willems Hoekstra Koster Prins Huisman Postma Kuipers",
        "Jo Wil Ger Mar/hanneke lem ben tijn",
        "Berg Bloem Brand Dijk Groen Haan Hof Hoog Kamp Lin Oost Rood Veld Water"
        " Zand/stra man huis ink sma veld hof ema kamp",
        (0.06, 0.45),
    ),
    "nordic": _names(
        "Erik Anna Lars Emma Johan Elin Karl Sara Anders Maja Oskar Ida Viktor Linnea Mikael Sofia Fredrik Hanna Gustav"
        " Karin Mattias Ebba Jonas Frida",
        "Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson"
        " Gustafsson Pettersson Jonsson Jansson Hansson Bengtsson Lindberg Lindgren Axelsson Berglund Sandberg",
        "Al Ing Tor Sig/bert rid sten vald",
        "Ek Berg Blom Dal Elm Fors Gran Hall Hed Holm Kvist Lind Lund Nord Ny Ros"
        " Sand Sjo Sten Strom/berg gren lund strom kvist man dahl stedt qvist",
        (0.05, 0.45),
    ),
    "polish": _names(
        "Jakub Anna Piotr Katarzyna Michal Agnieszka Tomasz Magdalena Mateusz Monika Pawel Joanna"
        " Krzysztof Natalia Marcin"
        " Ewa Adam Aleksandra Kamil Karolina Bartosz Zuzanna Andrei Ioana",
        "Nowak Kowalski Wisniewski Wojcik Kowalczyk"
        " Kaminski Lewandowski Zielinski Szymanski Wozniak Dabrowski Kozlowski Mazur Jankowski Kwiatkowski Krawczyk",
        "Wojc Rad Stan Bog/iech oslaw dan islaw",
        "Adam Bor Brzez Chmiel Czar Dom Gor Jas Kal Lip Mali Nied Olsz Pawl"
        " Rog Sad Sob Wierz Zaw Zar/owski ewski inski ecki czyk ak ski icki ala",
        (0.05, 0.55),
    ),
    "slavic": _names(
        "Alexander Elena Dmitry Olga Sergey Anna Andrey Natalia Alexey Maria Ivan Svetlana Mikhail Irina Maxim Tatiana"
        " Oleksandr Yulia Vladislav Daria Artem Ekaterina Nikita Anastasia Roman Polina Bohdan Oksana",
        "Ivanov Petrov"
        " Smirnov Kuznetsov Popov Volkov Sokolov Lebedev Kozlov Novikov Morozov Pavlov Shevchenko Kovalenko Bondarenko"
        " Tkachenko Kravchenko Melnyk Kovalchuk Boyko",
        "Vya Yaro Stan Gen/slav mir nady islav",
        "Bel Bor Gor Grig Drozd Zhur Kar Kal Kir Lit Mar Naz Orl Pol Rom Sav Sid Tar Fed Cher/enko ov in chuk yev skiy"
        " kov avlev yuk",
        (0.05, 0.5),
    ),
    "italian": _names(
        "Francesco Giulia Alessandro Chiara Lorenzo Sara Matteo Martina Andrea Francesca Marco Elena"
        " Luca Valentina Davide"
        " Alessia Giuseppe Silvia Antonio Paola Simone Federica Stefano Laura",
        "Rossi Russo Ferrari Esposito Bianchi"
        " Romano Colombo Ricci Marino Greco Bruno Gallo Conti Costa Giordano Mancini Rizzo Lombardi Moretti Barbieri",
        "Pier Gian Maria/luigi luca paolo grazia",
        "Bar Ben Bel Cal Cap Car Dan Fer Fon Gal Mar Mas Mon Pel Pas Sal Tor"
        " Val/etti ini ucci one aro ello ani azzi oni aldi ato",
        (0.06, 0.5),
    ),
    "turkish": _names(
        "Mehmet Fatma Mustafa Ayse Ahmet Emine Ali Zeynep Huseyin Elif Hasan Merve Murat Esra Emre"
        " Busra Burak Selin Can"
        " Ebru Omer Derya Yusuf Gamze",
        "Yilmaz Kaya Demir Celik Sahin Yildiz Yildirim Ozturk Aydin Ozdemir Arslan Dogan"
        " Kilic Aslan Cetin Kara Koc Kurt Ozkan Simsek",
        "Ay Gul Er Bay/can ten nur han",
        "Ak Al Bal Boz Dag Er Gun Kar Kor Oz Sar Tan Tek Top Uz Yal/gul tas can tekin soy kan man ay oglu demir",
        (0.1, 0.4),
    ),
    "indian": _names(
        "Rahul Priya Amit Pooja Rohit Neha Vikram Anjali Arjun Sneha Suresh Divya Rajesh Kavita"
        " Sanjay Shreya Aditya Ananya"
        " Karan Swati Manish Nisha Deepak Ritu Ankit Megha Vivek Sunita Harsh Aishwarya Varun Lakshmi Nikhil Meera",
        "Sharma Kumar Singh Patel Gupta Verma Reddy Rao Nair Iyer Joshi Mehta Shah Das Mishra Yadav"
        " Jain Agarwal Chauhan"
        " Pillai Menon Naidu Bose Ghosh Kaur Desai Kulkarni Pandey Tiwari Thakur",
        "Abhi Raj Nav Man Sub Har Jas Pra San Ven/shek endra een preet ita deep veer kash jana esh",
        "Ban Bhat Chak Chat Dev Gan Har Kan Kri Mad Muk Nara"
        " Pat Ram Sub Sri Ven Vish/erjee acharya nathan raman swamy pal want kar murthy gopal an",
        (0.3, 0.4),
    ),
    "southasian": _names(
        "Muhammad Fatima Ahmed Ayesha Ali Zainab Hassan Maryam Usman Sana Bilal Hira Imran Sadia"
        " Hamza Nadia Tanvir Nusrat"
        " Rakib Sumaiya Shakil Farzana Arif Tahmina Zubair Mehwish Saad Rabia",
        "Khan Ahmed Hussain Ali Malik Rahman Islam"
        " Hossain Akter Iqbal Butt Sheikh Chowdhury Qureshi Shah Begum Uddin Mia Siddiqui Raza",
        "Abdul Mah Nas Sha Tah Faz/lah mud reen zad ir al bir",
        "Af Bha Dar Gil Haq Jan Kar Mir Mun Naz Sar Tal/ridi tti wani lani que jua im shi sar ukder war",
        (0.3, 0.35),
    ),
    "arabic": _names(
        "Mohamed Fatima Ahmed Mariam Mahmoud Nour Omar Aya Khaled Sara Youssef Hana Mostafa Salma"
        " Ibrahim Dina Abdullah Reem"
        " Hassan Layla Tarek Amira Karim Yasmin Faisal Noura",
        "Hassan Ali Ibrahim Mohamed Mahmoud Saleh Khalil Mansour"
        " Farouk Nasser Hamdan Haddad Khoury Saeed Othman Fathy Sayed Aziz Qasim Najjar",
        "Abdel Sal Ray Jam Naj/rahman wa an il wan ma",
        "Al El Bin Abu/Masri Sayed Amin Harbi Otaibi Qahtani Zahrani Najjar Sharif Shami Fayed Badr"
        " Rashid Ghamdi Dosari",
        (0.15, 0.4),
    ),
    "malay": _names(
        "Budi Siti Agus Dewi Andi Putri Rizky Sri Ahmad Nur Dimas Rina Eko Ayu Fajar Indah Hendra"
        " Wulan Muhammad Aisyah Bayu"
        " Ratna Arif Lestari Yusuf Fitri",
        "Santoso Wijaya Saputra Hidayat Pratama Setiawan Kurniawan Lestari Susanto"
        " Nugroho Wibowo Siregar Rahman Abdullah Ismail Ibrahim Ramadhan Gunawan Halim Utama",
        "Su Sur Wah Dar Har/yanto yono yuni tini iani",
        "Adi Darma Har Kus Mul Pra Sas Sis Sud Sur Wid Yud/putra wan yadi anto ono istyo wanto jaya tama kusuma",
        (0.2, 0.4),
    ),
    "filipino": _names(
        "Mark Mary Angelo Angel John Grace Joshua Kimberly Christian Nicole Jerome Jasmine Paolo Bea"
        " Carlo Princess Jayson"
        " Rochelle Ryan Michelle Arvin Liezel",
        "Santos Reyes Cruz Bautista Ocampo Garcia Mendoza Torres Tomas Andrada"
        " Castillo Flores Villanueva Ramos Aquino Navarro Salazar Mercado Dizon Pascual",
        "John Mary Jhon Princess Mark/Paul Rose Lloyd Ann Joy Kevin Mae Rey",
        "Mag Dim Cat Pan Bal Lac Sum Mac/saysay aguiba bayan ganiban agtas son ulong apagal alino",
        (0.3, 0.3),
    ),
    "vietnamese": _names(
        "Anh Linh Minh Huong Tuan Trang Hung Thao Duc Ngoc Nam Mai Hieu Lan Long Phuong Quan Hoa Dung Thu",
        "Nguyen Tran Le Pham Hoang Phan Vu Vo Dang Bui Do Ho Ngo Duong Ly Dinh",
        "Thanh Minh Quoc Ngoc Hoang Duc Thi Van"
        " Kim Bao Gia Hai/Anh Linh Tung Huy Phuc Thao Nhi Vy Khanh Son Trung Ha Yen Nga Dat",
        "Nguyen Tran Le Pham/Thi Van Huu Dinh",
        (0.75, 0.12),
    ),
    "thai": _names(
        "Somchai Siriporn Nattapong Kanya Anan Malee Krit Ploy Thanawat Nicha Pong Wan Chai Supaporn Arthit Kanokwan",
        "Saetang Srisuk Wongsa Chaiyasit Suksawat Boonmee Kaewkla Thongchai Phromma Jaidee Rattana Sombat",
        "Nat Tha Sup Kit Wor Pim Chan Pat/thaphon nawat achai tiya awut chanok ida tharin",
        "Boon Chai Kaew Phon Rat Sri Suk Thong Wong Wat/prasert sakul charoen suwan mee wattana phan sombat kul thip",
        (0.5, 0.7),
    ),
    "chinese": _names(
        "Wei Fang Jun Ying Lei Na Ming Xin Hao Yan Peng Jing Tao Li Bo Yu Kevin Amy Jason Vivian Eric Cindy",
        "Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Lin Gao Luo Cheung"
        " Wong Chan Lam Tan Lim",
        "Jia Xiao Zi Yu Wen Hao Jun Yi Si Tian Ming Zhi Rui Xin Mei Shu Bo Chun Hai Jing/wei hao xuan ning yan tong han"
        " lin jie ying ran qi feng long ting yu bin xin lei hui",
        "Ou Si Shang Zhu/yang ma guan ge",
        (0.7, 0.01),
    ),
    "japanese": _names(
        "Haruto Yui Sota Hina Yuki Sakura Ren Aoi Takumi Misaki Daiki Nanami Kenta Ayaka Shota Mai"
        " Ryo Emi Hiroshi Yoko",
        "Sato Suzuki Takahashi Tanaka Watanabe Ito Yamamoto Nakamura Kobayashi Kato Yoshida Yamada Sasaki Yamaguchi"
        " Matsumoto Inoue Kimura Hayashi Shimizu Mori",
        "Yu Ta Ka Shi Hiro Masa Nao Aki Tomo Haru Yoshi Ko/ki to suke mi ya ko ka shi na ta aki hiko",
        "Ao Fuji Haya Ishi Iwa Kawa Kita Kuro Mae Matsu Miya Naga Naka Nishi O Oka Saka"
        " Shima Taka Yoko/da moto mura yama zaki gawa hara shita no guchi saki bayashi i",
        (0.6, 0.5),
    ),
    "korean": _names(
        "Minjun Seoyeon Jihoon Jiwoo Hyunwoo Soyeon Donghyun Yuna Sungmin Hyejin Taeyang Eunji Junho"
        " Minji Jaewon Sujin",
        "Kim Lee Park Choi Jung Kang Cho Yoon Jang Lim Han Oh Seo Shin Kwon Hwang Ahn Song Yoo Hong",
        "Min Ji Hyun Seo Dong"
        " Su Jae Tae Eun Ye Sung Ha Do Yu Kyung/jun woo hoon yeon min jin ho hee won young a seok bin kyu ri",
        "Nam Sun Hwang Sa/gung woo bo kong",
        (0.75, 0.005),
    ),
    "african": _names(
        "Emmanuel Blessing Chinedu Grace Samuel Faith David Mercy Daniel Joy Michael Esther Joseph"
        " Ruth Peter Mary Kelvin"
        " Amina Brian Wanjiku Thabo Lerato Sipho Nomsa Tunde Ngozi Kevin Akinyi",
        "Okafor Adeyemi Okonkwo Ibrahim Eze"
        " Balogun Mwangi Otieno Kamau Ochieng Dlamini Nkosi Mokoena Adebayo Okoro Musa Kariuki Njoroge Abubakar Obi",
        "Chi Olu Ade Ife Oma Ny Ke Nko/amaka seun bola oma dele ambura mi nna sana",
        "Ade Aki Chuk Eze Ogun Okon Ola Oni"
        " Mu Ka Nd Njo Ki/yinka nola wuma leke tola jimi kwu ngi riuki lovu mau biru bunmi ronke",
        (0.3, 0.5),
    ),
}
