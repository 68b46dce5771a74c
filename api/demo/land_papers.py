"""The five papers of a household's land file (户档): contract of 1998 and the survey of 2016, as markup.

For a household with four people they have 8, 6, 4 + 2 a field, 1 a field, and 4 + 1 a field pages.
"""

from api.demo.households import Field, Household, Member

_TERM = "一九九八年十月一日起至二〇二八年九月三十日止"

_CLAUSES = (
    """## 第一条　承包土地
甲方将集体所有的耕地发包给乙方承包经营，地块名称、面积、四至见《承包地块登记表》。
乙方承包的土地所有权仍属于集体，乙方享有承包经营权。
地块四角立有界石的，以界石为界；没有界石的，以田埂中线为界。
## 第二条　承包期限
承包期限三十年，自{term}。
## 第三条　用途
承包的土地用于农业生产，不准建房、起坟、挖砂、取土，不准弃耕荒芜。""",
    """## 第四条　甲方的权利和义务
一、监督乙方按合同约定的用途合理使用土地，制止损害土地的行为。
二、维护乙方的承包经营权，不得违法变更、解除承包合同。
三、为乙方提供生产、技术和用水方面的服务，统一安排渠道的清淤和维修。
四、保管承包合同和地块示意图，建立档案。
## 第五条　乙方的权利和义务
一、自主安排生产经营，产品自主处置，收益归己。
二、在承包期内可以依法转包、互换、转让，应经甲方同意并登记。""",
    """三、按时完成国家规定的农业税和合同约定的集体提留，承担规定的义务工。
四、保护渠道、界石和田间道路，不得擅自移动界石。
五、合理使用土地，用地养地，防止水土流失。
## 第六条　变更和解除
一、承包期内家庭人口增减，承包地一般不作调整。
二、国家建设征用土地的，按国家规定补偿，合同作相应变更。
三、乙方全家迁出本村且自愿交回的，合同解除。""",
    """## 第七条　违约责任
一、甲方无故收回承包地的，应退还并赔偿损失。
二、乙方荒芜承包地满一年的，甲方可以提出书面警告；满两年的，按规定处理。
三、任何一方擅自移动界石的，应恢复原状并承担费用。
## 第八条　纠纷处理
双方发生纠纷，先由村民委员会调解；调解不成的，由乡镇人民政府处理。
## 第九条　其他
本合同一式三份，甲方、乙方、乡镇各执一份。自签订之日起生效。""",
)


def contract(house: Household) -> str:
    """The contract of 1998: eight pages of a printed booklet, filled in with a pen."""
    cover = f"""%look booklet
%pagenumber 1
%gap 90
# 农村集体耕地
# 承包合同书
> （第二轮承包）
%gap 110
[ 发包方 : ~望禾村村民委员会
[ 承包方 : ~{house.head}
[ 村民小组 : ~三组
[ 编号 : ~望禾-三-{house.code}
%gap 60
> 云岭县农业局　印制
===
# 填写说明
一、本合同书用钢笔填写，字迹清楚，不得涂改。确需更正的，由双方在更正处盖章。
二、承包地块登记表按地块逐块填写，四至写明相邻户主姓名或者固定地物。
三、面积以亩为单位，写到小数点后两位。
四、合同签订后由村民委员会绘制本组地块分布示意图，一并保管。
===
"""
    clauses = "\n===\n".join(_CLAUSES).format(term=_TERM)
    rows = "\n".join(
        f"| {place} | ~{f.name} | ~{f.contracted:.2f} | ~{f.east} | ~{f.south} | ~{f.west} | ~{f.north} |"
        for place, f in enumerate(house.fields, start=1)
    )
    total = sum(field.contracted for field in house.fields)
    return f"""{cover}{clauses}
===
# 承包地块登记表
%widths 1 2.2 1.6 2 2 2 2
| 序 | 地块名称 | 面积（亩） | 东至 | 南至 | 西至 | 北至 |
{rows}
| 计 | | ~{total:.2f} | | | | |
%gap 14
[ 家庭人口 : ~{len(house.members)}人 ; 劳动力 : ~2人
[ 备注 : ~面积系步测，界线以界石、田埂为准，见三组地块分布示意图。 !60
===
# 签　订
^ 甲方（公章）：望禾村村民委员会
%hands 法定代表人 : 朱十八
%sign 望禾村村民委员会 | 一九九八年九月三十日
^ 乙方（签名按印）：
%hands 户主 : {house.head}
%gap 10
^ 鉴证机关意见：合同条款齐全，双方自愿，准予鉴证。
%sign 青禾乡农业经营管理站 | 一九九八年十月八日
"""


def head_survey(house: Household, first: int) -> str:
    """Survey sheet of the contracting household with copies of identity papers: six pages."""
    people = "\n".join(
        f"| {place} | ~{m.name} | ~{m.relation} | ~{m.sex} | ~{m.birth[:4]} | ****** | ~本村 |"
        for place, m in enumerate(house.members, start=1)
    )
    head = house.members[0]
    cards = "\n===\n".join(
        "\n%gap 14\n".join(f"%sketch register-page {_card(member)}" for member in pair)
        for pair in (house.members[:2], house.members[2:])
    )
    return f"""%look form
%pagenumber {first}
# 农村土地承包经营权承包方调查表
> 承包方编码：530000****{house.code}　　调查日期：2016年7月12日
[ 发包方 : ~望禾村三组 ; 承包方代表 : ~{house.head}
[ 性别 : ~{head.sex} ; 出生日期 : ~{head.birth}
[ 证件类型 : ~居民身份证 ; 证件号码 : ******************
[ 联系电话 : *********** ; 邮政编码 : ~******
[ 承包方地址 : ~云岭县青禾镇望禾村三组
[ 承包方式 : ~家庭承包 ; 合同编号 : ~望禾-三-{house.code}
[ 承包起止 : ~1998年10月1日至2028年9月30日
[ 地块总数 : ~{len(house.fields)}块 ; 家庭成员 : ~{len(house.members)}人
[ 调查记事 : ~经入户核对合同、户口簿和身份证，承包方及家庭成员信息清楚，与村组台账一致。 !100
%hands 承包方代表 : {house.head} ; 调查员 : 戚六十九
>> 2016年7月12日
===
# 家庭成员登记
%widths 1 2 2 1.4 2 2.4 2
| 序号 | 姓名 | 与户主关系 | 性别 | 出生年份 | 证件号码 | 备注 |
{people}
%gap 16
[ 共有情况 : ~全体家庭成员共同共有 !44
[ 核对人 : ~王五 ; 核对日期 : ~2016年7月12日
===
# 承包方代表身份证复印件
%sketch identity-card {head.name}/{head.sex}/{head.birth}
%gap 12
%sketch identity-card {house.members[1].name}/{house.members[1].sex}/{house.members[1].birth}
%hands 复印件与原件核对人 : 王五
===
# 承包方代表声明书
我户承包方代表为{house.head}，全权代表本户办理农村土地承包经营权确权登记颁证的调查、指界、公示确认和领证等事项，其签字对本户全体家庭成员具有约束力。
%hands 声明人 : {house.head} ; 声明人 : {house.members[1].name}
>> 2016年7月12日
===
{cards}
"""


def _card(member: Member) -> str:
    return f"{member.name}/{member.relation}/{member.sex}/{member.birth}"


def field_survey(house: Household, first: int) -> str:
    """Field survey: cover, summary, two pages a field, overview, check sheet."""
    rows = "\n".join(
        f"| {place} | ~{_code(house, place)} | ~{f.name} | ~{f.contracted:.2f} | ~{f.area:.2f} | ~{f.grade} |"
        for place, f in enumerate(house.fields, start=1)
    )
    sheets = "\n===\n".join(_field_sheet(house, place, f) for place, f in enumerate(house.fields, start=1))
    return f"""%look form
%pagenumber {first}
%gap 150
# 农村土地承包经营权
# 承包地块调查表
%gap 120
[ 承包方 : ~{house.head} ; 承包方编码 : 530000****{house.code}
[ 发包方 : ~望禾村三组 ; 地块数 : ~{len(house.fields)}块
[ 作业单位 : ~云岭县测绘队 ; 调查时间 : ~2016年7月至8月
===
# 地块汇总表
%widths 1 3 2 2 2 2
| 序号 | 地块编码 | 地块名称 | 合同面积 | 实测面积 | 地力等级 |
{rows}
| 合计 | | | {sum(f.contracted for f in house.fields):.2f} | {house.area:.2f} | |
^ 注：面积单位为亩。实测面积与合同面积不一致的，系1998年步测所致，四至未变。
%hands 调查员 : 戚六十九 ; 审核人 : 谢七十
===
{sheets}
===
# 承包地块分布示意
%sketch overview {"/".join(field.name for field in house.fields)}
^ 注：底图为正射影像线划图，黄色为本户承包地块。
===
# 调查成果检查记录
[ 检查项目 : ~地块编码、名称、四至 ; 结果 : ~齐全
[ 检查项目 : ~界址点、界址线 ; 结果 : ~合格
[ 检查项目 : ~面积计算 ; 结果 : ~合格
[ 检查项目 : ~指界签字 ; 结果 : ~见指界签字表
[ 抽查地块 : ~第{min(3, len(house.fields))}块“{house.fields[2].name}”，外业复测边长，较差0.03米。 !60
[ 检查结论 : ~成果合格，准予公示。 !80
%hands 检查人 : 谢七十 ; 负责人 : 邹七十一
>> 2016年8月26日
"""


def _code(house: Household, place: int) -> str:
    return f"****{house.code}{place:02d}"


def _field_sheet(house: Household, place: int, field: Field) -> str:
    border = (
        f"J1至J2沿{field.north}，J2至J3沿{field.east}界，"
        f"J3至J4沿{field.south}，J4至J1沿{field.west}界，均以中线为界。"
    )
    return f"""# 承包地块调查表（第{place}块）
[ 地块编码 : ~{_code(house, place)} ; 地块名称 : ~{field.name}
[ 合同面积 : ~{field.contracted:.2f}亩 ; 实测面积 : ~{field.area:.2f}亩
[ 土地用途 : ~种植业 ; 地力等级 : ~{field.grade}
[ 土地类型 : ~水田 ; 是否基本农田 : ~是
[ 东至 : ~{field.east} ; 南至 : ~{field.south}
[ 西至 : ~{field.west} ; 北至 : ~{field.north}
[ 界址线说明 : ~{border} !90
[ 调查记事 : ~四至清楚，相邻各方到场指界，签字见指界签字表第{place}页。 !90
%hands 承包方代表 : {house.head} ; 调查员 : 戚六十九
>> 2016年7月{14 + place}日
===
# 地块草图（第{place}块）
%sketch plot {field_sketch(field)}
%widths 1 2 2 3
| 点号 | 界标类型 | 界址线位置 | 至下一点距离（米） |
| J1 | ~界石 | ~中 | ~{field.front:.2f} |
| J2 | ~界石 | ~中 | ~{field.depth:.2f} |
| J3 | ~界石 | ~中 | ~{field.front:.2f} |
| J4 | ~田埂 | ~中 | ~{field.depth:.2f} |
%hands 丈量者 : 戚六十九 ; 绘图者 : 喻七十二"""


def field_sketch(field: Field) -> str:
    """The argument of a plot drawing."""
    return (
        f"{field.name}/{field.area:.2f}/{field.east}/{field.south}/{field.west}/{field.north}/"
        f"{field.front:.2f}/{field.depth:.2f}"
    )


def border_signatures(house: Household, first: int) -> str:
    """The sheet on which neighbours sign where the border runs (指界签字表): one page a field."""
    pages = "\n===\n".join(
        _border_page(house, place, field) for place, field in enumerate(house.fields, start=1)
    )
    return f"%look form\n%pagenumber {first}\n{pages}\n"


def _border_page(house: Household, place: int, field: Field) -> str:
    sides = (("东", field.east), ("南", field.south), ("西", field.west), ("北", field.north))
    rows = "\n".join(
        f"| {side} | ~{who} | ~{'中线' if _is_person(who) else '边线'} | "
        f"~{who if _is_person(who) else '（地物，无需签字）'} | ~{'无异议' if _is_person(who) else ''} |"
        for side, who in sides
    )
    people = [who for _, who in sides if _is_person(who)]
    hands = " ; ".join(f"相邻方 : {who}" for who in people[:2]) or "村民小组 : 何十六"
    return f"""# 承包地块指界签字表
> 第{place}页　共{len(house.fields)}页
[ 承包方 : ~{house.head} ; 地块编码 : ~{_code(house, place)}
[ 地块名称 : ~{field.name} ; 实测面积 : ~{field.area:.2f}亩
%widths 1 2.4 1.6 3 2
| 方位 | 相邻方 | 界线位置 | 相邻方指界人签名 | 意见 |
{rows}
%sketch plot {field_sketch(field)}
以上界线由本方和相邻各方到现场共同指认，与实地一致，特签字按印确认。
%hands 本方指界人 : {house.head} ; 村民小组 : 何十六
%hands {hands}
>> 2016年7月{14 + place}日"""


def _is_person(neighbour: str) -> bool:
    """Invented people are named by a number after their surname; the rest are ditches, paths, woods."""
    return len(neighbour) > 1 and all(char in "一二三四五六七八九十" for char in neighbour[1:])


def published_result(house: Household, first: int) -> str:
    """The published result by household (公示结果归户表): four pages and one a field."""
    rows = "\n".join(
        f"| {place} | ~{_code(house, place)} | ~{f.name} | ~{f.area:.2f} | "
        f"~{f.east}、{f.south}、{f.west}、{f.north} |"
        for place, f in enumerate(house.fields, start=1)
    )
    maps = "\n===\n".join(
        f"# 地块示意图（第{place}块）\n%sketch plot {field_sketch(field)}\n"
        f"[ 地块名称 : {field.name} ; 确权面积 : {field.area:.2f}亩\n"
        f"[ 制图 : 喻七十二 ; 审核 : 谢七十\n^ 比例尺 1∶500　　坐标系：独立坐标系　　2016年9月制"
        for place, field in enumerate(house.fields, start=1)
    )
    return f"""%look form
%pagenumber {first}
# 农村土地承包经营权公示结果归户表
[ 发包方 : ~望禾村三组 ; 承包方代表 : ~{house.head}
[ 承包方编码 : 530000****{house.code} ; 确权总面积 : ~{house.area:.2f}亩
%widths 0.8 2 1.6 1.4 5
| 序号 | 地块编码 | 名称 | 面积 | 四至（东、南、西、北） |
{rows}
[ 公示时间 : ~2016年9月20日至10月9日 ; 公示地点 : ~望禾村公开栏
[ 承包方意见 : ~对公示的地块、面积、四至和家庭成员无异议。 !70
%hands 承包方代表 : {house.head} ; 发包方代表 : 朱十八
%sign 望禾村村民委员会 | 2016年10月10日
===
{maps}
===
# 公示无异议声明书
本户对2016年9月20日至10月9日公示的承包地块、面积、四至、家庭成员等内容已经逐项核对，没有异议，同意据此登记颁证。
%hands 声明人 : {house.head}
>> 2016年10月10日
===
# 公示情况记录
[ 公示内容 : ~三组承包地块公示图、公示结果归户表 !44
[ 张贴时间 : ~2016年9月20日8时 ; 揭下时间 : ~2016年10月9日18时
[ 公示期间异议 : ~本户无；本组另有2户提出人口登记异议，已核实更正。 !60
[ 记录 : ~公示照片2张，存三组公示卷。 !44
%hands 记录人 : 王五 ; 村民小组 : 何十六
===
# 权属证书领取登记
[ 证书编号 : 云岭县农地承包权（2016）第****{house.code}号
[ 领取人 : ~{house.head} ; 领取日期 : ~2016年11月25日
[ 领取方式 : ~本人领取 ; 发证人 : ~王五
[ 备注 : ~原1998年承包合同书收回一份归档，本户另存一份。 !60
%hands 领取人 : {house.head} ; 发证人 : 王五
>> 2016年11月25日
"""
