"""The head of a Ray cluster: where it is, whether it answers, and whether it asks for a token."""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import grpc
from ray._private.services import get_ray_address_from_environment
from ray.core.generated.gcs_service_pb2 import GetClusterIdRequest
from ray.core.generated.gcs_service_pb2_grpc import NodeInfoGcsServiceStub
from ray.core.generated.ray_client_pb2 import ClusterInfoRequest, ClusterInfoType
from ray.core.generated.ray_client_pb2_grpc import RayletDriverStub

from molgen.errors import ClusterError

ANSWER = 10.0  # s that a head may take to answer: machines that are busy, networks that are far
PATIENCE = 15.0  # s without an answer until a head counts as dead
CLIENT = "ray://"
TOKEN_FILE = Path(".ray", "auth_token")  # in the home folder


@dataclass(frozen=True)
class Address:
    """Where a head is.

    Attributes
    ----------
    host, port
        Of its GCS, or of its server for clients (`client`).
    source
        What named it: a setting, a variable or a file.
    """

    host: str
    port: int
    source: str
    client: bool = False

    @classmethod
    def of(cls, setting: str, where: str = "cluster.address") -> "Address":
        """The address that `HOST:PORT`, `ray://HOST:PORT` or `auto` means.

        Raises
        ------
        ClusterError
            It is no address, or `auto` and nothing names one.
        """
        source = f"{where}={setting}"
        if setting == "auto":
            try:
                setting = get_ray_address_from_environment("auto", None)
            except ConnectionError as error:
                raise ClusterError(f"{source}: no Ray runs on this machine, and RAY_ADDRESS is not set") from error
            by = "RAY_ADDRESS" if os.environ.get("RAY_ADDRESS") else "the Ray that was started last on this machine"
            source += f" ({by}: {setting})"
        client = setting.startswith(CLIENT)
        try:
            parts = urlsplit(f"//{setting.removeprefix(CLIENT)}")
            host, port, rest = parts.hostname, parts.port, parts.path or parts.query or parts.username
        except ValueError:
            host, port, rest = None, None, None
        if not host or not port or rest:
            raise ClusterError(f"{source}: must be auto, HOST:PORT or ray://HOST:PORT, its port between 1 and 65535")
        return cls(host, port, source, client)

    def __str__(self) -> str:
        """As Ray takes it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{CLIENT if self.client else ''}{host}:{self.port}"


class Head:
    """A head, asked again and again.

    Parameters
    ----------
    token
        Sent with every question, where there is one.
    """

    def __init__(self, address: Address, token: str | None = None) -> None:
        self.address = address
        self.lost = False
        self._since: float | None = None
        self._metadata = (("client_id", "molgen"), *((("authorization", f"Bearer {token}"),) if token else ()))
        self._channel = grpc.insecure_channel(str(address).removeprefix(CLIENT), [("grpc.enable_http_proxy", 0)])

    def refusal(self, timeout: float = ANSWER) -> grpc.RpcError | None:
        """What it answers a harmless question with, if not a plain answer."""
        try:
            if self.address.client:
                request = ClusterInfoRequest(type=ClusterInfoType.PING)
                RayletDriverStub(self._channel).ClusterInfo(request, timeout=timeout, metadata=self._metadata)
            else:
                stub = NodeInfoGcsServiceStub(self._channel)
                stub.GetClusterId(GetClusterIdRequest(), timeout=timeout, metadata=self._metadata)
        except grpc.RpcError as error:
            return error
        return None

    def check(self) -> None:
        """Ask whether it is there.

        Raises
        ------
        ClusterError
            It has not answered for `PATIENCE` seconds.
        """
        if not self.lost and self.refusal(timeout=2.0) is None:
            self._since = None
            return
        self._since = self._since or time.monotonic()
        self.lost = self.lost or time.monotonic() - self._since > PATIENCE
        if self.lost:
            raise ClusterError(f"the head of the cluster ({self.address}) has died, or can't be reached any more")

    def close(self) -> None:
        """Hang up."""
        self._channel.close()


def is_refused(error: grpc.RpcError | None) -> bool:
    """Whether it says that a token is missing or wrong."""
    return error is not None and error.code() is grpc.StatusCode.UNAUTHENTICATED


def find_token() -> str | None:
    """The token of this user, where Ray looks for it: RAY_AUTH_TOKEN, the file RAY_AUTH_TOKEN_PATH, `~/.ray/auth_token`.

    Raises
    ------
    ClusterError
        RAY_AUTH_TOKEN_PATH names a file that can't be read.
    """
    if token := os.environ.get("RAY_AUTH_TOKEN", "").strip():
        return token
    named = os.environ.get("RAY_AUTH_TOKEN_PATH")
    path = Path(named) if named else Path.home() / TOKEN_FILE
    try:
        return path.read_text().strip() or None
    except (OSError, UnicodeDecodeError) as error:
        if named:
            raise ClusterError(f"RAY_AUTH_TOKEN_PATH={named}: can't be read ({error})") from error
        return None
