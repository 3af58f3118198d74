"""What a browser says of itself, in the words of whoever holds it."""

import pytest

from transition.rules.devices import DeviceKind, device_of


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X)", DeviceKind.IPHONE),
        ("Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X)", DeviceKind.IPAD),
        ("Mozilla/5.0 (Linux; Android 15; Pixel 9)", DeviceKind.ANDROID),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", DeviceKind.WINDOWS),
        ("Mozilla/5.0 (X11; CrOS x86_64 15917.71.0)", DeviceKind.CHROMEBOOK),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", DeviceKind.MAC),
        ("Mozilla/5.0 (X11; Linux x86_64)", DeviceKind.LINUX),
        ("curl", DeviceKind.OTHER),
        ("", DeviceKind.OTHER),
    ],
)
def test_a_device_is_known_by_its_kind(said: str, kind: DeviceKind) -> None:
    assert device_of(said) is kind
