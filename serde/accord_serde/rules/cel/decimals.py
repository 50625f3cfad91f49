"""Decimals in CEL: `decimal(x)`, `decimal(bytes, scale)` and the functions `decimals.*`.

They are exact, as Java's BigDecimal is; division and roots give 38 digits, halves rounded up, as
SQL does. What would need an absurd number of digits is an error and not an empty machine: cheap
expressions such as `decimals.add(decimal("1e999999999"), decimal("1"))` would.
"""

from __future__ import annotations

import decimal
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from typing import TYPE_CHECKING, Any

from accord_serde.rules.cel.library import CELEvalError, celtypes

if TYPE_CHECKING:
    from collections.abc import Callable

# Ten million digits take 4 MB.
_MAX_DIGITS = 10_000_000
# CPython's own limit between text and int, which every decimal on the wire goes through.
_MAX_UNSCALED_DIGITS = 4300
_DIGITS_PER_BYTE = 2.408
_INT32 = range(-(2**31), 2**31)

_EXACT = Context(prec=decimal.MAX_PREC, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)
_ROUNDED = Context(prec=38, rounding=ROUND_HALF_UP, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)


def decimal_of(value: Any) -> Decimal | None:
    """Return a value that is a decimal: of Python, or the message `confluent.type.Decimal`."""
    if isinstance(value, Decimal):
        return value
    message = getattr(value, "msg", value)
    if getattr(getattr(message, "DESCRIPTOR", None), "full_name", "") != "confluent.type.Decimal":
        return None
    unscaled = int.from_bytes(message.value, "big", signed=True)
    return Decimal(unscaled).scaleb(-message.scale, context=_EXACT)


def plain_text(value: Decimal) -> str:
    """Return a decimal without an exponent."""
    _bounded(_digits(value) + abs(_exponent(value)), "string")
    return format(_unsigned_zero(value), "f")


def _decimal(*arguments: Any) -> Decimal:
    match arguments:
        case [value]:
            return _converted(value)
        case [bytes() as unscaled, scale]:
            _bounded(int(len(unscaled) * _DIGITS_PER_BYTE) + 1, "decimal", _MAX_UNSCALED_DIGITS)
            number = Decimal(int.from_bytes(unscaled, "big", signed=True))
            return number.scaleb(-_scale(scale, "decimal"), context=_EXACT)
        case [value, _]:
            raise _error("decimal", f"expected bytes and a scale, got {type(value).__name__}")
        case _:
            raise _error("decimal", f"expected 1 or 2 args, got {len(arguments)}")


def _converted(value: Any) -> Decimal:
    known = decimal_of(value)
    if known is not None:
        return known
    # bool is a subclass of int, and another type in CEL.
    if isinstance(value, int) and not isinstance(value, bool | celtypes.BoolType):
        return Decimal(value)
    if isinstance(value, float | str):
        return _parsed(str(value))
    if isinstance(value, bytes):
        raise _error("decimal", "raw bytes need a scale; use decimal(bytes, scale)")
    kind = "null" if value is None else type(value).__name__
    raise _error("decimal", f"cannot convert {kind} to Decimal")


def _parsed(text: str) -> Decimal:
    """Read what BigDecimal reads: no spaces, underscores, infinities, or exponents past int32."""
    try:
        number = Decimal(text)
        is_good = "_" not in text and text == text.strip() and abs(_exponent(number)) in _INT32
    except (decimal.InvalidOperation, CELEvalError):
        is_good, number = False, Decimal()
    if not is_good:
        raise _error("decimal", f"invalid number '{text}'")
    return _unsigned_zero(number)


def _finite(value: Any) -> Decimal:
    number = _converted(value)
    _exponent(number)
    return number


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):
        raise _error("decimal", f"not a finite number '{number}'")
    return exponent


def _digits(number: Decimal) -> int:
    return number.adjusted() - _exponent(number) + 1


def _unsigned_zero(number: Decimal) -> Decimal:
    return number.copy_abs() if number.is_zero() else number


def _scale(value: Any, function: str) -> int:
    is_other = isinstance(value, bool | celtypes.BoolType | celtypes.UintType)
    if is_other or not isinstance(value, int):
        raise _error(function, f"scale must be int, got {type(value).__name__}")
    scale = int(value)  # a range walks through all its members for a subclass of int
    if scale not in _INT32:
        raise _error(function, f"scale out of int range: {scale}")
    return scale


def _bounded(digits: int, function: str, limit: int = _MAX_DIGITS) -> None:
    if digits > limit:
        raise _error(function, f"needs {digits} digits, past the limit of {limit}")


def _error(function: str, problem: str) -> CELEvalError:
    return CELEvalError(f"{function}: {problem}")


def _width_at(number: Decimal, exponent: int) -> int:
    """Return the digits of a number written with that exponent; zero always has one."""
    return 1 if number.is_zero() else max(1, _digits(number) + _exponent(number) - exponent)


def _aligned(name: str, operate: Callable[[Decimal, Decimal], Decimal]) -> Callable[..., Decimal]:
    def function(left: Any, right: Any) -> Decimal:
        first, second = _finite(left), _finite(right)
        exponent = min(_exponent(first), _exponent(second))
        _bounded(max(_width_at(first, exponent), _width_at(second, exponent)) + 1, name)
        return operate(first, second)

    return function


def _divide(dividend: Any, divisor: Any) -> Decimal:
    try:
        return _ROUNDED.divide(_finite(dividend), _finite(divisor))
    except decimal.DivisionByZero as error:
        raise _error("decimals.div", "division by zero") from error
    except decimal.DecimalException as error:
        raise _error("decimals.div", str(error)) from error


def _modulo(dividend: Any, divisor: Any) -> Decimal:
    first, second = _finite(dividend), _finite(divisor)
    if second.is_zero():
        raise _error("decimals.mod", "division by zero")
    if not first.is_zero():
        _bounded(first.adjusted() - second.adjusted() + 1, "decimals.mod")
    return _EXACT.remainder(first, second)


def _square_root(value: Any) -> Decimal:
    """Return the root; an exact one has half the scale of the number, as BigDecimal's has."""
    number = _finite(value)
    if number < 0:
        raise _error("decimals.sqrt", "square root of negative number")
    root = _ROUNDED.sqrt(number)
    if _EXACT.multiply(root, root) != number:
        return root
    half = int(-_exponent(number) / 2)  # towards zero
    if root.is_zero():
        return _rescaled(root, half, ROUND_HALF_UP, "decimals.sqrt")
    shortest = root.normalize(context=_EXACT)
    least = -_exponent(shortest)
    most = least + _ROUNDED.prec - _digits(shortest)
    return _rescaled(shortest, max(least, min(half, most)), ROUND_HALF_UP, "decimals.sqrt")


def _rescaled(number: Decimal, scale: int, rounding: str, name: str) -> Decimal:
    _bounded(_width_at(number, -scale), name)
    try:
        unit = Decimal(1).scaleb(-scale, context=_EXACT)
        return number.quantize(unit, rounding=rounding, context=_EXACT)
    except decimal.DecimalException as error:
        raise _error(name, f"cannot represent a scale of {scale}") from error


def _round(value: Any, scale: Any = 0) -> Decimal:
    digits = _scale(scale, "decimals.round")
    return _rescaled(_finite(value), digits, ROUND_HALF_UP, "decimals.round")


def _truncate(value: Any, scale: Any = 0) -> Decimal:
    number, digits = _finite(value), _scale(scale, "decimals.trunc")
    if digits >= -_exponent(number):
        return number
    return _rescaled(number, digits, ROUND_DOWN, "decimals.trunc")


def _to_integer(name: str, rounding: str) -> Callable[[Any], Decimal]:
    return lambda value: _rescaled(_finite(value), 0, rounding, name)


def _sign(value: Any) -> celtypes.IntType:
    return celtypes.IntType(int(_finite(value).compare(0)))


def _relation(holds: Callable[[Decimal, Decimal], bool]) -> Callable[..., celtypes.BoolType]:
    return lambda left, right: celtypes.BoolType(holds(_finite(left), _finite(right)))


DECIMAL_FUNCTIONS: dict[str, Any] = {
    "decimal": _decimal,
    "decimals.eq": _relation(lambda left, right: left == right),
    "decimals.lt": _relation(lambda left, right: left < right),
    "decimals.le": _relation(lambda left, right: left <= right),
    "decimals.gt": _relation(lambda left, right: left > right),
    "decimals.ge": _relation(lambda left, right: left >= right),
    "decimals.add": _aligned("decimals.add", _EXACT.add),
    "decimals.sub": _aligned("decimals.sub", _EXACT.subtract),
    "decimals.mul": lambda left, right: _EXACT.multiply(_finite(left), _finite(right)),
    "decimals.div": _divide,
    "decimals.mod": _modulo,
    "decimals.greatest": lambda left, right: max(_finite(left), _finite(right)),
    "decimals.least": lambda left, right: min(_finite(left), _finite(right)),
    "decimals.sqrt": _square_root,
    "decimals.neg": lambda value: _finite(value).copy_negate(),
    "decimals.abs": lambda value: _finite(value).copy_abs(),
    "decimals.sign": _sign,
    "decimals.round": _round,
    "decimals.trunc": _truncate,
    "decimals.floor": _to_integer("decimals.floor", ROUND_FLOOR),
    "decimals.ceil": _to_integer("decimals.ceil", ROUND_CEILING),
}
