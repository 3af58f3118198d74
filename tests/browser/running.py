"""Starts what a real installation consists of: its processes, and a server for its letters."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any, Final, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from transition.home import ROOT

FRIDAY: Final = "2026-11-20T10:00:00+00:00"
"""When a story begins: the digest of that week is long past, the next is owed on Monday."""
MONDAY: Final = "2026-11-23T07:30:00+00:00"
PATIENCE: Final = 90
"""Seconds for what must come; far more than it ever takes."""
POSTBOX: Final = ("tracker", "a word for the mail server")
"""Whom the mail server lets in."""


class NothingCame(AssertionError):
    """What was waited for did not come in time."""


def free_port() -> int:
    """Return a port on which nothing listens.

    It lies far above the ports that Chromium refuses to open.
    """
    with socket.create_server(("127.0.0.1", 0)) as server:
        return cast("int", server.getsockname()[1])


@dataclass
class Letters:
    """The letters that a mail server took, as they came; they can be waited for."""

    raw: list[bytes] = field(default_factory=list)
    _news: threading.Condition = field(default_factory=threading.Condition)

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802 - the library's name
        """Take a letter."""
        with self._news:
            self.raw.append(cast("bytes", envelope.original_content))
            self._news.notify_all()
        return "250 taken"

    def to(
        self, address: str, subject: str, about: str, *, patience: float = PATIENCE
    ) -> EmailMessage:
        """Wait for the one letter to somebody with this subject that names a case, and return it.

        Raises:
            NothingCame: it did not come in time.
        """
        with self._news:
            self._news.wait_for(lambda: self._found(address, subject, about), patience)
        found = self._found(address, subject, about)
        if not found:
            raise NothingCame(f"No letter “{subject}” came to {address}.")
        assert len(found) == 1, f"{address} got “{subject}” {len(found)} times"
        return found[0]

    def read(self) -> list[EmailMessage]:
        """Return the letters as a mail program would see them."""
        parser = BytesParser(policy=policy.default)
        return [parser.parsebytes(one) for one in list(self.raw)]

    def _found(self, address: str, subject: str, about: str) -> list[EmailMessage]:
        return [
            one
            for one in self.read()
            if one["To"] == address and subject in one["Subject"] and about in text_of(one)
        ]


def text_of(letter: EmailMessage) -> str:
    """Return the text part of a letter."""
    body = letter.get_body(("plain",))
    assert body is not None, "a letter has a text part"
    return cast("str", body.get_content())


@contextmanager
def mail_server(folder: Path) -> Iterator[tuple[Letters, dict[str, str]]]:
    """Run a server that insists on encryption and a password; give its letters and the settings."""
    certificate = folder / "certificate.pem"
    key = folder / "key.pem"
    write_certificate(certificate, key)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    letters = Letters()
    server = Controller(
        letters,
        hostname="127.0.0.1",
        port=free_port(),
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=_let_in,
    )
    server.start()
    try:
        yield (
            letters,
            {
                "SSL_CERT_FILE": str(certificate),
                "TRANSITION_SMTP_HOST": "localhost",
                "TRANSITION_SMTP_PORT": str(server.port),
                "TRANSITION_SMTP_USER": POSTBOX[0],
                "TRANSITION_SMTP_PASSWORD": POSTBOX[1],
                "TRANSITION_SMTP_TLS": "starttls",
            },
        )
    finally:
        server.stop()


def _let_in(
    _server: object, _session: object, _envelope: object, _how: str, said: object
) -> AuthResult:
    right = isinstance(said, LoginPassword) and (said.login, said.password) == tuple(
        word.encode() for word in POSTBOX
    )
    # handled=False: otherwise the server answers a wrong password with silence.
    return AuthResult(success=right, handled=False)


def write_certificate(certificate: Path, key: Path) -> None:
    """Write a certificate for localhost that vouches for itself, and its key."""
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)  # noqa: TID251 - the real time, by which the processes judge it
    uses = dict.fromkeys(
        (
            *("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
            *("crl_sign", "encipher_only", "decipher_only"),
        ),
        False,
    )
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.KeyUsage(digital_signature=True, key_cert_sign=True, **uses), critical=True
        )
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(secret.public_key()), critical=False
        )
        .sign(secret, hashes.SHA256())
    )
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        secret.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


@dataclass
class Installation:
    """One installation: a folder of its own, its settings, and what its processes said."""

    home: Path
    letters: Letters
    settings: dict[str, str]
    said: list[bytes] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where its pages are."""
        return f"http://localhost:{self.settings['TRANSITION_PORT']}"

    @property
    def log(self) -> bytes:
        """All that its processes wrote, on either stream."""
        return b"".join(self.said)

    @contextmanager
    def running(self, *command: str, serves: bool = True) -> Iterator[None]:
        """Run one command, the bare one by default, until the block ends, and see it end well."""
        process = self._start(command)
        reader = threading.Thread(target=self._listen, args=(process,))
        reader.start()
        try:
            if serves:
                self._wait_until_it_serves(process)
            yield
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0, self.log.decode()
        finally:
            process.kill()
            process.wait()
            reader.join(PATIENCE)

    def _wait_until_it_serves(self, process: "subprocess.Popen[bytes]") -> None:
        until = time.monotonic() + PATIENCE
        while not self._listens():
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.1)
            if process.returncode is not None or time.monotonic() > until:
                raise NothingCame(f"The tracker did not start: {self.log.decode()}")

    def _listens(self) -> bool:
        port = int(self.settings["TRANSITION_PORT"])
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=PATIENCE):
            return True
        return False

    def do(self, *command: str) -> None:
        """Do one command to its end."""
        process = self._start(command)
        told, _ = process.communicate(timeout=PATIENCE)
        self.said.append(told)
        assert process.returncode == 0, told.decode()

    def _start(self, command: tuple[str, ...]) -> "subprocess.Popen[bytes]":
        inherited = {name: words for name, words in os.environ.items() if "TRANSITION_" not in name}
        return subprocess.Popen(
            [sys.executable, "-m", "transition", *command],
            cwd=ROOT,
            env={**inherited, **self.settings},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def _listen(self, process: "subprocess.Popen[bytes]") -> None:
        with cast("Any", process.stdout) as stream:
            for line in stream:
                self.said.append(line)


@contextmanager
def installation(folder: Path) -> Iterator[Installation]:
    """Give an installation that is still empty, with a mail server that its letters go to."""
    with mail_server(folder) as (letters, mail):
        home = folder / "home"
        settings = {
            "TRANSITION_HOME": str(home),
            "TRANSITION_PORT": str(free_port()),
            "TRANSITION_NOW": FRIDAY,
        }
        yield Installation(home, letters, {**mail, **settings})
