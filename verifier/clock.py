"""Times in words. Beijing time is UTC+8 without summer time, so no time zone data is needed.

An upper bound is rounded up to the second and a lower bound down, so that no time is said to be better known
than it is.
"""

from __future__ import annotations

import datetime

from verifier.shape import datetime_of

BEIJING = datetime.timezone(datetime.timedelta(hours=8))
_HALF = ("January", "February", "March", "April", "May", "June")
_MONTHS = (*_HALF, "July", "August", "September", "October", "November", "December")


def instant_words(instant: str, language: str, *, upper: bool = False) -> str:
    """`instant` in Beijing time, to the second."""
    when = datetime_of(instant)
    try:
        if upper and when.microsecond:
            when = when.replace(microsecond=0) + datetime.timedelta(seconds=1)
        return _moment(when.astimezone(BEIJING), language)
    except OverflowError:  # the last hours of the year 9999 have no Beijing time
        return instant


def is_ahead(date: str, when: datetime.datetime) -> bool:
    """Whether a date, or either end of a span, begins more than a day after `when`: in every time zone.

    `date` is one of docs/formats.md section 3, `when` is aware.
    """
    return any(begins(part) > when + datetime.timedelta(days=1) for part in date.split("/"))


def begins(date: str) -> datetime.datetime:
    """Its first moment; without a zone, in UTC."""
    padded = date + "-01-01"[len(date) - 4 :] if len(date) < 10 else date
    first = datetime.datetime.fromisoformat(padded)
    return first if first.tzinfo is not None else first.replace(tzinfo=datetime.UTC)


def is_over(date: str, instant: str) -> bool:
    """Whether the last day (month, year) of a `due` is over in Beijing, or the time that it names."""
    when = datetime_of(instant)
    if "T" in date:
        return datetime.datetime.fromisoformat(date) < when
    try:
        return when.astimezone(BEIJING).date().isoformat()[: len(date)] > date
    except OverflowError:  # the last hours of the year 9999 have no Beijing time
        return False


def day_of(date: str) -> str:
    """The Beijing day of an instant or of a date's start, as far as it is given: `YYYY[-MM[-DD]]`."""
    first = date.partition("/")[0]
    if "T" not in first:
        return first
    try:
        return datetime.datetime.fromisoformat(first).astimezone(BEIJING).date().isoformat()
    except OverflowError:
        return first[:10]


def date_words(date: str, language: str) -> str:
    """A date of docs/formats.md section 3 (partial, a time of day, or a span) in words."""
    first, slash, last = date.partition("/")
    if slash:
        joint = "至" if language == "zh" else " to "
        return _date(first, language) + joint + _date(last, language)
    return _date(first, language)


def _date(text: str, language: str) -> str:
    if "T" in text:
        try:
            return _moment(datetime.datetime.fromisoformat(text).astimezone(BEIJING), language)
        except OverflowError:
            return text
    numbers = [int(part) for part in text.split("-")]
    if language == "zh":
        return "".join(f"{number}{unit}" for number, unit in zip(numbers, "年月日", strict=False))
    words = (
        [str(numbers[0])] + [_MONTHS[number - 1] for number in numbers[1:2]] + [str(n) for n in numbers[2:]]
    )
    return " ".join(reversed(words))


def _moment(when: datetime.datetime, language: str) -> str:
    clock = f"{when.hour:02d}:{when.minute:02d}:{when.second:02d}"
    day = _date(when.date().isoformat(), language)
    return f"{day}{clock}" if language == "zh" else f"{day} {clock}"
