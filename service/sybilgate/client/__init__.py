"""A small typed client of the service, for threads and for asyncio.

>>> with Client("127.0.0.1:50051") as client:
...     client.create_assessment({"account_id": "a1", "type": "SIGNUP", "event_time": 1.7e9})
"""

from sybilgate.client.aio import AsyncClient
from sybilgate.client.channel import service_config, tls
from sybilgate.client.errors import ServiceError, service_error
from sybilgate.client.fail_open import AsyncFailOpen, FailOpen, Verdict
from sybilgate.client.messages import AnyEvent, event_message, to_message
from sybilgate.client.sync import Client

__all__ = [
    "AnyEvent",
    "AsyncClient",
    "AsyncFailOpen",
    "Client",
    "FailOpen",
    "ServiceError",
    "Verdict",
    "event_message",
    "service_config",
    "service_error",
    "tls",
    "to_message",
]
