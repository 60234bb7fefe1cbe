"""Which passwords are refused. No rules of composition: length, and what everybody would guess first."""

import re
import unicodedata
from typing import Literal

from ioc.access.passwords import LONGEST

SHORTEST = 12
"""Characters of the shortest password."""

Weakness = Literal["short", "long", "named", "common"]

_FEW = 5
_SHORTEST_NAME = 3

_WORDS = (
    "password passwort passwd pass matkhau mkhau admin administrator root user guest login logon welcome letmein "
    "changeme default secret monkey dragon master shadow sunshine princess football baseball superman batman "
    "iloveyou loveyou love anhyeuem emyeuanh yeu yeuem yeuanh hello xinchao trustno one qwerty qwertyuiop azerty "
    "asdf asdfgh asdfghjkl zxcv zxcvbn zxcvbnm qaz wsx edc qazwsx qazwsxedc abc abcd abcdef abcdefgh abcdefghijkl "
    "vietnam vietnamese viet nam saigon hanoi hochiminh danang hoian tamky quangnam quang operation operations "
    "centre center ioc operator operators district registrar viewer assessor test tester testing temp temporary "
    "system server computer internet google facebook zalo samsung iphone gialinh giadinh conyeu concon mybaby "
    "baby family congan ubnd trucban trungtam dieuhanh thongminh thanhpho tinh huyen xa phuong camera incident "
    "flood spring summer autumn winter mua xuan ha thu dong january february march april may june july august "
    "september october november december monday tuesday wednesday thursday friday saturday sunday my the is me you"
)
"""Words that lists of stolen passwords and this product's own surroundings put first; written for this file."""

_GUESSED_FIRST = frozenset(_WORDS.split())
_LONGEST_WORD = max(map(len, _GUESSED_FIRST))
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertyuiop",
    "1qaz2wsx3edc4rfv5tgb",
)
_LEET = str.maketrans("0134578@$!", "oieastbasi")


def fold(text: str) -> str:
    """Lower case without accents, so that "Mật khẩu" and "matkhau" are one."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _made_of_guesses(letters: str) -> bool:
    """Whether the whole text is a chain of words that are guessed first."""
    reached = [True, *([False] * len(letters))]
    for end in range(1, len(letters) + 1):
        starts = range(max(0, end - _LONGEST_WORD), end)
        reached[end] = any(reached[start] and letters[start:end] in _GUESSED_FIRST for start in starts)
    return reached[-1]


def _is_a_row(text: str) -> bool:
    """Whether the text runs along the alphabet, the digits or the keyboard, either way and again and again."""
    for row in _ROWS:
        for run in (row, row[::-1]):
            if text in run * (len(text) // len(run) + 2):
                return True
    return False


def _repeats(text: str) -> bool:
    return re.fullmatch(r"(.{1,6}?)\1+.{0,5}", text, re.DOTALL) is not None


def _common(folded: str) -> bool:
    if len(set(folded)) < _FEW or _is_a_row(folded) or _repeats(folded):
        return True
    bare = re.sub(r"[^a-z]", "", folded)
    swapped = re.sub(r"[^a-z]", "", folded.strip("0123456789!?.*#@$ ").translate(_LEET))
    return _made_of_guesses(bare) or _made_of_guesses(swapped)


def _named(folded: str, names: tuple[str, ...]) -> bool:
    """Whether the password holds the account's login, or nothing but words of its names and digits."""
    bare = re.sub(r"[^a-z]", "", folded)
    words = [fold(word) for name in names for word in re.split(r"[\s@._-]+", name)]
    whole = [re.sub(r"[^a-z0-9]", "", fold(name)) for name in names]
    packed = re.sub(r"[^a-z0-9]", "", folded)
    if any(len(name) >= _SHORTEST_NAME and name in packed for name in whole):
        return True
    left = bare
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word, "") if len(word) >= _SHORTEST_NAME - 1 else left
    return left != bare and len(left) < _FEW


def weakness(password: str, *names: str) -> Weakness | None:
    """Why a password is refused, None when it is good. `names` are the account's login and name."""
    if len(unicodedata.normalize("NFC", password[: SHORTEST * 4])) < SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    folded = fold(password)
    if _named(folded, names):
        return "named"
    return "common" if _common(folded) else None
