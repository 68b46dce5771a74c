"""03_测量数据.csv (record 19): the border points as measured on the ground, and the areas they enclose."""

import csv
import io
from typing import Final

from api.demo import plots

_MARKS: Final = {
    "J1": ("田埂角", "张三地块西北角"),
    "J2": ("老核桃树", "双方认可,未动"),
    "J3": ("田埂角", "李四地块东北角"),
    "J4": ("渠堤", "李四地块东南角"),
    "J5": ("旧石基础", "原界石位置"),
    "J6": ("渠堤", "张三地块西南角"),
    "J5'": ("界石", "2025年改渠后栽回的位置"),
}


def draw_survey() -> bytes:
    """UTF-8 with byte order mark and CRLF, as office spreadsheets expect it."""
    out = io.StringIO(newline="")
    moved = plots.metres("J5", "J5'")
    sheet = csv.writer(out)
    sheet.writerow(("点号", "X(北,米)", "Y(东,米)", "界标", "说明"))
    for name, (north, east) in plots.POINTS.items():
        sheet.writerow((name, f"{north:.2f}", f"{east:.2f}", *_MARKS[name]))
    sheet.writerow(())
    sheet.writerow(("地块", "面积(平方米)", "面积(亩)", "界址点", "说明"))
    for title, names, note in (
        ("水渠边(张三)", plots.ZHANG, "与2016年确权一致"),
        ("渠东(李四)", plots.LI, "与2016年确权一致"),
        ("争议条形地", plots.DISPUTED, f"J5'至J5距离{moved:.2f}米"),
    ):
        area = plots.square_metres(names)
        sheet.writerow((title, f"{area:.1f}", f"{plots.mu(names):.2f}", "-".join(names), note))
    sheet.writerow(())
    sheet.writerow(("独立坐标系;手持接收机和钢尺;测量:喻五十五;2026-03-24;演示样例,数据虚构",))
    return b"\xef\xbb\xbf" + out.getvalue().encode()
