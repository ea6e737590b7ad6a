"""Who the demonstration's people are: names as they are met in China, phone numbers nobody holds, birthdays in both calendars."""
import calendar
import datetime
import re

from base import ROOT

# The commonest surnames and about how many of a thousand people bear them.
SURNAMES = {'王': 72, '李': 72, '张': 68, '刘': 54, '陈': 45, '杨': 31, '黄': 22, '赵': 21, '吴': 20, '周': 20, '徐': 14, '孙': 14, '马': 13,
            '朱': 13, '胡': 12, '郭': 12, '何': 11, '林': 11, '高': 10, '罗': 10, '郑': 9, '梁': 9, '谢': 8, '宋': 8, '唐': 7, '许': 7, '韩': 7,
            '冯': 6, '邓': 6, '曹': 6}
GIVEN = ('芳', '娜', '敏', '静', '丽', '艳', '娟', '霞', '秀英', '玉兰', '桂英', '婷婷', '雪', '欣怡', '梓涵', '雨桐', '佳怡', '思颖', '慧', '倩',
         '伟', '强', '磊', '军', '洋', '勇', '杰', '涛', '明', '超', '建国', '建华', '志强', '文博', '浩然', '子轩', '俊杰', '宇航', '鹏', '斌')
# Possible numbers of a range that is not given to mobile customers as far as we know; the demonstration sends nothing anywhere.
PHONE_RANGE = '17400'
BORN_FROM, BORN_UNTIL = 1955, 2004
_MONTH = re.compile(r'\{(\d+), (\d+), (\d), (\d{4})(\d\d)(\d\d), (\d+)\}')


def name(rng):
    surname, = rng.choices(list(SURNAMES), list(SURNAMES.values()))
    return surname + rng.choice(GIVEN)


def phone(number):
    """The number-th phone number; different ones for different numbers below a million."""
    if not 0 <= number < 1_000_000:
        raise ValueError(f'no phone number {number}')
    return f'{PHONE_RANGE}{number:06d}'


def lunar_months():
    """(lunar year, month, leap or not) -> (first solar day, days), of the suite's own table."""
    text = (ROOT / 'shared/core/lunar_months.inc').read_text(encoding='utf-8')
    rows = (map(int, row) for row in _MONTH.findall(text))
    return {(year, month, leap): (datetime.date(y, m, d), days) for year, month, leap, y, m, d, days in rows}


def lunar_day(day, months):
    """(month, day, leap) of a solar day."""
    for (_, month, leap), (first, days) in months.items():
        if first <= day < first + datetime.timedelta(days):
            return month, (day - first).days + 1, leap
    raise ValueError(f'{day} lies outside the table of lunar months')


def some_birthday(rng):
    """(birthday, calendar) of somebody for whom it does not matter."""
    year, month = rng.randint(BORN_FROM, BORN_UNTIL), rng.randint(1, 12)
    return f'{year}-{month:02d}-{rng.randint(1, calendar.monthrange(year, month)[1]):02d}', 'solar'


def born_on(rng, day):
    """The same month and day in a year that has it: on 29 February a leap year."""
    years = [year for year in range(BORN_FROM, BORN_UNTIL + 1) if day.day <= calendar.monthrange(year, day.month)[1]]
    return f'{rng.choice(years)}-{day.month:02d}-{day.day:02d}', 'solar'


def born_on_lunar(rng, day, months):
    """A lunar birthday that falls on this day. A leap month is rare: without a year that had it, the solar day stands in."""
    month, of_month, leap = lunar_day(day, months)
    years = [year for year in range(BORN_FROM, BORN_UNTIL + 1) if months.get((year, month, leap), (None, 0))[1] >= of_month]
    if not years:
        return born_on(rng, day)
    return f'{rng.choice(years)}-{month:02d}-{of_month:02d}', 'lunar_leap' if leap else 'lunar'
