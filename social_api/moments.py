"""Times on the wire: RFC 3339 in UTC."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

# a time that knows its zone: without that the API document would call it any string
Moment = Annotated[datetime, Meta(tz=True)]
