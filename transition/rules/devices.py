"""What somebody signs in with, coarsely: enough to know one's own, too little to know anybody's."""

from collections.abc import Mapping
from typing import Final

from transition.rules.words import Worded


class DeviceKind(Worded):
    """A kind of device, as its owner would call it."""

    IPHONE = "iphone", "An iPhone"
    IPAD = "ipad", "An iPad"
    ANDROID = "android", "An Android phone or tablet"
    WINDOWS = "windows", "A Windows computer"
    CHROMEBOOK = "chromebook", "A Chromebook"
    MAC = "mac", "A Mac"
    LINUX = "linux", "A Linux computer"
    OTHER = "other", "Another device"


SIGNS: Final[Mapping[str, DeviceKind]] = {
    "iPhone": DeviceKind.IPHONE,
    "iPad": DeviceKind.IPAD,
    "Android": DeviceKind.ANDROID,
    "Windows": DeviceKind.WINDOWS,
    "CrOS": DeviceKind.CHROMEBOOK,
    "Macintosh": DeviceKind.MAC,
    "Linux": DeviceKind.LINUX,
}
"""What a browser says of itself, in the order in which it is looked for: Android is Linux too."""


def device_of(user_agent: str) -> DeviceKind:
    """Return the kind of device that a browser says it runs on."""
    return next((kind for sign, kind in SIGNS.items() if sign in user_agent), DeviceKind.OTHER)
