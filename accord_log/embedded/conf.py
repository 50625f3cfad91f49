"""Reads the configuration of a producer or a consumer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord_log.embedded.conf_table import (
    ALIASES,
    CONSUMER,
    NO_EFFECT,
    OFFSET_RESETS,
    PRODUCER,
    Setting,
)
from accord_log.embedded.error import Local, failure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accord_log.embedded.error import KafkaException

TOPICS_OWN = "default.topic.config"  # an older place for settings
TRUE = frozenset({"true", "t", "1"})
FALSE = frozenset({"false", "f", "0"})
TABLES = {
    "producer": {setting.name: setting for setting in PRODUCER},
    "consumer": {setting.name: setting for setting in CONSUMER},
}
# librdkafka takes the settings of the other kind of client, and warns at most.
EVERY = TABLES["producer"] | TABLES["consumer"]


class Conf:
    """Settings by name, each with its default. Raises KafkaException for an unknown name."""

    def __init__(self, given: Mapping[str, Any], kind: str) -> None:
        flat = {**given.get(TOPICS_OWN, {}), **given}
        flat.pop(TOPICS_OWN, None)
        self._values = {name: setting.default for name, setting in TABLES[kind].items()}
        self._given: set[str] = set()
        for name, value in flat.items():
            self._take(ALIASES.get(name, name), value)

    def _take(self, name: str, value: Any) -> None:
        setting = EVERY.get(name)
        if setting is not None:
            self._values[name] = read(setting, value)
            self._given.add(name)
        elif name not in NO_EFFECT:
            raise _invalid(f'No such configuration property: "{name}"')

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def is_given(self, name: str) -> bool:
        """Tell whether the setting was set at all."""
        return name in self._given


def read(setting: Setting, value: Any) -> Any:
    """Return the value as the setting's type. Raises KafkaException."""
    if setting.is_callable:
        if value is not None and not callable(value):
            raise TypeError(f"expected {setting.name} property as a callable function")
        return value
    if isinstance(setting.default, bool):
        return _boolean(setting, value)
    if isinstance(setting.default, int | float):
        return _number(setting, value)
    return _text(setting, value)


def _boolean(setting: Setting, value: object) -> bool:
    text = str(value).lower()
    if text not in TRUE | FALSE:
        raise _refused(setting)
    return text in TRUE


def _number(setting: Setting, value: Any) -> float:
    try:
        number: float = type(setting.default)(value)
    except (TypeError, ValueError):
        raise _refused(setting) from None
    if not setting.least <= number <= setting.most:
        text = f'Configuration property "{setting.name}" value {number} is outside allowed range '
        raise _invalid(f"{text}{setting.least:g}..{setting.most:g}")
    return number


def _text(setting: Setting, value: object) -> str | None:
    if value is None:
        unset: str | None = setting.default
        return unset
    text = str(value)
    if setting.name == "auto.offset.reset":
        text = OFFSET_RESETS.get(text, text)
    if setting.choices and text not in setting.choices:
        quoted = f'Invalid value "{text}" for configuration property "{setting.name}"'
        raise _invalid(quoted)
    return text


def _refused(setting: Setting) -> KafkaException:
    return _invalid(f'Invalid value for configuration property "{setting.name}"')


def _invalid(text: str) -> KafkaException:
    return failure(Local.INVALID_ARG, text)
